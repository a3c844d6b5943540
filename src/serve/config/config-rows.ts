/**
 * The configuration of a Redis 7.0.15, as it answers CONFIG GET * and refuses what is wrong: name with its other name, access,
 * kind, and the value that it has at first, which is the rest of the line.
 *
 *     -        CONFIG SET changes it
 *     fixed    it is read at the start
 *     guarded  CONFIG SET changes it where `enable-protected-configs` allows that
 *     hidden   as -, for tests: no pattern finds it
 *
 * Two first values are ours. Of `bind` the server's is every address, ours the machine itself; DEBUG, which cannot crash anything
 * here, is allowed from there (`enable-debug-command`), as it is to nobody by the server. config-table.ts reads this.
 */
export const CONFIG_ROWS = `
  -- clients
  acl-pubsub-default  -  one-of:allchannels|resetchannels  resetchannels
  aclfile  fixed  text
  acllog-max-len  -  int:0:long  128
  bind  -  words  127.0.0.1
  bind-source-addr  -  text
  client-output-buffer-limit  -  output-limits  normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60
  client-query-buffer-limit  -  size:1048576:long  1073741824
  maxclients  -  int:1:4294967295  10000
  port  -  int:0:65535  6379
  protected-mode  -  yes-no  yes
  proto-max-bulk-len  -  size:1048576:long  536870912
  requirepass  -  text
  socket-mark-id  fixed  int:0:4294967295  0
  tcp-backlog  fixed  int:0:max  511
  tcp-keepalive  -  int:0:max  300
  timeout  -  int:0:max  0
  tracking-table-max-keys  -  int:0:long  1000000
  unixsocket  fixed  text
  unixsocketperm  fixed  octal:777  0
  -- files
  aof-disable-auto-gc  -  yes-no  no
  aof-load-truncated  -  yes-no  yes
  aof-rewrite-incremental-fsync  -  yes-no  yes
  aof-timestamp-enabled  -  yes-no  no
  aof-use-rdb-preamble  -  yes-no  yes
  appenddirname  fixed  file-name  appendonlydir
  appendfilename  fixed  file-name  appendonly.aof
  appendfsync  -  one-of:everysec|always|no  everysec
  appendonly  -  yes-no  no
  auto-aof-rewrite-min-size  -  size:0:long  67108864
  auto-aof-rewrite-percentage  -  int:0:max  100
  dbfilename  guarded  file-name  dump.rdb
  dir  guarded  directory  .
  no-appendfsync-on-rewrite  -  yes-no  no
  rdb-del-sync-files  -  yes-no  no
  rdb-save-incremental-fsync  -  yes-no  yes
  rdbchecksum  fixed  yes-no  yes
  rdbcompression  -  yes-no  yes
  sanitize-dump-payload  -  one-of:no|yes|clients  no
  save  -  save-points  3600 1 300 100 60 10000
  stop-writes-on-bgsave-error  -  yes-no  yes
  -- how values are packed
  hash-max-listpack-entries,hash-max-ziplist-entries  -  int:0:long  512
  hash-max-listpack-value,hash-max-ziplist-value  -  size:0:long  64
  hll-sparse-max-bytes  -  size:0:long  3000
  list-compress-depth  -  int:0:max  0
  list-max-listpack-size,list-max-ziplist-size  -  int:min:max  -2
  set-max-intset-entries  -  int:0:long  512
  stream-node-max-bytes  -  size:0:long  4096
  stream-node-max-entries  -  int:0:long  100
  zset-max-listpack-entries,zset-max-ziplist-entries  -  int:0:long  128
  zset-max-listpack-value,zset-max-ziplist-value  -  size:0:long  64
  -- memory
  active-defrag-cycle-max  -  int:1:99  25
  active-defrag-cycle-min  -  int:1:99  1
  active-defrag-ignore-bytes  -  size:1:long  104857600
  active-defrag-max-scan-fields  -  int:1:long  1000
  active-defrag-threshold-lower  -  int:0:1000  10
  active-defrag-threshold-upper  -  int:0:1000  100
  activedefrag  -  yes-no  no
  activerehashing  -  yes-no  yes
  disable-thp  fixed  yes-no  yes
  jemalloc-bg-thread  -  yes-no  yes
  lazyfree-lazy-eviction  -  yes-no  no
  lazyfree-lazy-expire  -  yes-no  no
  lazyfree-lazy-server-del  -  yes-no  no
  lazyfree-lazy-user-del  -  yes-no  no
  lazyfree-lazy-user-flush  -  yes-no  no
  lfu-decay-time  -  int:0:max  1
  lfu-log-factor  -  int:0:max  10
  maxmemory  -  size:0:ulong  0
  maxmemory-clients  -  size-or-percent  0
  maxmemory-eviction-tenacity  -  int:0:100  10
  maxmemory-policy  -  one-of:volatile-lru|volatile-lfu|volatile-random|volatile-ttl|allkeys-lru|allkeys-lfu|allkeys-random|noeviction  noeviction
  maxmemory-samples  -  int:1:max  5
  oom-score-adj  -  one-of:no|yes|relative|absolute  no
  oom-score-adj-values  -  oom-scores  0 200 800
  -- replication
  masterauth  -  text
  masteruser  -  text
  min-replicas-max-lag,min-slaves-max-lag  -  int:0:max  10
  min-replicas-to-write,min-slaves-to-write  -  int:0:max  0
  repl-backlog-size  -  size:1:long  1048576
  repl-backlog-ttl  -  int:0:long  3600
  repl-disable-tcp-nodelay  -  yes-no  no
  repl-diskless-load  -  one-of:disabled|on-empty-db|swapdb  disabled
  repl-diskless-sync  -  yes-no  yes
  repl-diskless-sync-delay  -  int:0:max  5
  repl-diskless-sync-max-replicas  -  int:0:max  0
  repl-ping-replica-period,repl-ping-slave-period  -  int:1:max  10
  repl-timeout  -  int:1:max  60
  replica-announce-ip,slave-announce-ip  -  text
  replica-announce-port,slave-announce-port  -  int:0:65535  0
  replica-announced  -  yes-no  yes
  replica-ignore-disk-write-errors  -  yes-no  no
  replica-ignore-maxmemory,slave-ignore-maxmemory  -  yes-no  yes
  replica-lazy-flush,slave-lazy-flush  -  yes-no  no
  replica-priority,slave-priority  -  int:0:max  100
  replica-read-only,slave-read-only  -  yes-no  yes
  replica-serve-stale-data,slave-serve-stale-data  -  yes-no  yes
  replicaof,slaveof  fixed  replica-of
  -- clusters
  cluster-allow-pubsubshard-when-down  -  yes-no  yes
  cluster-allow-reads-when-down  -  yes-no  no
  cluster-allow-replica-migration  -  yes-no  yes
  cluster-announce-bus-port  -  int:0:65535  0
  cluster-announce-hostname  -  host-name
  cluster-announce-ip  -  text
  cluster-announce-port  -  int:0:65535  0
  cluster-announce-tls-port  -  int:0:65535  0
  cluster-config-file  fixed  text  nodes.conf
  cluster-enabled  fixed  yes-no  no
  cluster-link-sendbuf-limit  -  size:0:ulong  0
  cluster-migration-barrier  -  int:0:max  1
  cluster-node-timeout  -  int:0:long  15000
  cluster-port  fixed  int:0:65535  0
  cluster-preferred-endpoint-type  -  one-of:ip|hostname|unknown-endpoint  ip
  cluster-replica-no-failover,cluster-slave-no-failover  -  yes-no  no
  cluster-replica-validity-factor,cluster-slave-validity-factor  -  int:0:max  10
  cluster-require-full-coverage  -  yes-no  yes
  -- connections with TLS
  tls-auth-clients  -  one-of:no|yes|optional  yes
  tls-ca-cert-dir  -  text
  tls-ca-cert-file  -  text
  tls-cert-file  -  text
  tls-ciphers  -  text
  tls-ciphersuites  -  text
  tls-client-cert-file  -  text
  tls-client-key-file  -  text
  tls-client-key-file-pass  -  text
  tls-cluster  -  yes-no  no
  tls-dh-params-file  -  text
  tls-key-file  -  text
  tls-key-file-pass  -  text
  tls-port  -  int:0:65535  0
  tls-prefer-server-ciphers  -  yes-no  no
  tls-protocols  -  text
  tls-replication  -  yes-no  no
  tls-session-cache-size  -  int:0:max  20480
  tls-session-cache-timeout  -  int:0:max  300
  tls-session-caching  -  yes-no  yes
  -- the process
  active-expire-effort  -  int:1:10  1
  always-show-logo  fixed  yes-no  no
  aof_rewrite_cpulist  fixed  text
  bgsave_cpulist  fixed  text
  bio_cpulist  fixed  text
  busy-reply-threshold,lua-time-limit  -  int:0:long  5000
  crash-log-enabled  -  yes-no  yes
  crash-memcheck-enabled  -  yes-no  yes
  daemonize  fixed  yes-no  no
  databases  fixed  int:1:max  16
  dynamic-hz  -  yes-no  yes
  enable-debug-command  fixed  one-of:no|yes|local  local
  enable-module-command  fixed  one-of:no|yes|local  no
  enable-protected-configs  fixed  one-of:no|yes|local  no
  hz  -  int:0:max  10
  ignore-warnings  -  text
  io-threads  fixed  int:1:128  1
  io-threads-do-reads  fixed  yes-no  no
  latency-monitor-threshold  -  int:0:long  0
  latency-tracking  -  yes-no  yes
  latency-tracking-info-percentiles  -  percentiles  50 99 99.9
  logfile  fixed  text
  loglevel  -  one-of:debug|verbose|notice|warning  notice
  notify-keyspace-events  -  events
  pidfile  fixed  text
  proc-title-template  -  title  {title} {listen-addr} {server-mode}
  propagation-error-behavior  -  one-of:ignore|panic|panic-on-replicas  ignore
  server_cpulist  fixed  text
  set-proc-title  fixed  yes-no  yes
  shutdown-on-sigint  -  any-of:default|save|nosave|now|force  default
  shutdown-on-sigterm  -  any-of:default|save|nosave|now|force  default
  shutdown-timeout  -  int:0:max  10
  slowlog-log-slower-than  -  int:-1:long  10000
  slowlog-max-len  -  int:0:long  128
  supervised  fixed  one-of:upstart|systemd|auto|no  no
  syslog-enabled  fixed  yes-no  no
  syslog-facility  fixed  one-of:user|local0|local1|local2|local3|local4|local5|local6|local7  local0
  syslog-ident  fixed  text  redis
  -- tests of servers
  key-load-delay  hidden  int:min:max  0
  loading-process-events-interval-bytes  hidden  int:1024:max  2097152
  rdb-key-save-delay  hidden  int:min:max  0
  use-exit-on-panic  hidden  yes-no  no
`;
