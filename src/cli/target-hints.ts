/** What to do about the errors of an import's target. */
import type { TargetErrorCode } from '../import/target/target-error.js';

const GOES_ON = 'the same command goes on where it ended if it has --resume FILE';

export const TARGET_HINTS: Partial<Record<TargetErrorCode, string>> = {
  BAD_URL: 'redis://user:password@host:port/db, rediss:// for TLS, unix:///path, redis-sentinel://host,host/name',
  CONNECT: '-h and -p, or a URL, name the server; --tls is for one that speaks TLS, and only for that',
  TLS: '--cacert names the authority that signed its certificate, --sni the name that is in it; --insecure takes any',
  AUTH: 'give --user and -a, or --askpass, or REDISCLI_AUTH in the environment',
  NOPERM: 'ACL SETUSER lets the user do this; ACL LOG says what was refused',
  LOST: `--retry 10m tries for longer; ${GOES_ON}`,
  TIMEOUT: `--retry 10m tries for longer; ${GOES_ON}`,
  PROTOCOL: 'perhaps it is no Redis, or it speaks TLS: --tls',
  UNKNOWN_SERVER: 'perhaps it is a sentinel or a proxy: name the server itself, or redis-sentinel://host:port/name',
  SENTINEL: 'redis-sentinel://host:port/name: SENTINEL MASTERS says which names there are',
  READONLY: 'name its primary, or its sentinels: redis-sentinel://host:port/name',
  OOM: `raise its maxmemory (CONFIG SET maxmemory), or import less with filters; ${GOES_ON}`,
  LOADING: '--retry 10m waits for longer',
  MASTERDOWN: 'name its primary',
  CLUSTER: 'CLUSTER INFO says what is wrong; --retry 10m waits for longer',
  MOVED: 'name a node of the cluster that can be reached from here',
  CROSSSLOT: 'several keys of one request: --mode restore sends each by itself',
  BUSYKEY: '--on-exists skip leaves keys as they are that the server has, --on-exists replace replaces them',
  MISCONF: 'its disk may be full: INFO persistence and its log say so',
  NOREPLICAS: 'its replicas do not follow: INFO replication says so',
  BUSY: 'SCRIPT KILL ends a script; maxclients limits the clients',
};
