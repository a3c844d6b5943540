#!/bin/sh
# A container is the command rdb-inspect. What follows the name of Redis's image, in the place of which it stands, is its serve:
# `redis-server …`, settings, a redis.conf.
set -e
case "$1" in
  --help | --version) ;;
  redis-server)
    shift
    set -- serve "$@"
    ;;
  --* | *.conf) set -- serve "$@" ;;
esac
exec rdb-inspect "$@"
