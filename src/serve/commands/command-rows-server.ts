/** What COMMAND tells of the commands that are about no one type of value, in rows as those of command-rows-values.ts. */
export const SERVER_FACTS = `
  == generic keyspace
  COPY                    wm        ROa@1,OWu@2            -
  DEL                     w         RMd@1..                -                q:multi_shard,s:agg_sum
  DUMP                    r         ROa@1                  -                N
  EXISTS                  rF        RO@1..                 -                q:multi_shard,s:agg_sum
  EXPIRE                  wF        RWu@1                  -
  EXPIREAT                wF        RWu@1                  -
  EXPIRETIME              rF        ROa@1                  -
  KEYS                    r         -                      dangerous        q:all_shards,O
  MIGRATE                 wv        RWad@3,RWadI@KEYS:-2.. dangerous        N
  MOVE                    wF        RWau@1                 -
  OBJECT                  -         -                      !
  OBJECT|ENCODING         r         RO@2                   -                N
  OBJECT|FREQ             r         RO@2                   -                N
  OBJECT|HELP             lt        -                      -
  OBJECT|IDLETIME         r         RO@2                   -                N
  OBJECT|REFCOUNT         r         RO@2                   -                N
  PERSIST                 wF        RWu@1                  -
  PEXPIRE                 wF        RWu@1                  -
  PEXPIREAT               wF        RWu@1                  -
  PEXPIRETIME             rF        ROa@1                  -
  PTTL                    rF        ROa@1                  -                N
  RANDOMKEY               r         -                      -                q:all_shards,N
  RENAME                  w         RWad@1,OWu@2           -
  RENAMENX                wF        RWad@1,OWi@2           -
  RESTORE                 wm        OWu@1                  dangerous
  SCAN                    r         -                      -                N,q:special
  SORT                    wmv       ROa@1,ROa@?,OWu@?      !,dangerous,list,set,sortedset
  SORT_RO                 rv        ROa@1,ROa@?            !,dangerous,list,set,sortedset
  TOUCH                   rF        RO@1..                 -                q:multi_shard,s:agg_sum
  TTL                     rF        ROa@1                  -                N
  TYPE                    rF        RO@1                   -
  UNLINK                  wF        RMd@1..                -                q:multi_shard,s:agg_sum
  WAIT                    s         -                      !,connection     q:all_shards,s:agg_min
  == transactions transaction
  DISCARD                 sltyF     -                      -
  EXEC                    sltg      -                      -
  MULTI                   sltyF     -                      -
  UNWATCH                 sltyF     -                      -
  WATCH                   sltyF     RO@1..                 -
  == scripting scripting
  EVAL                    stvMz     RWau@2#                -
  EVAL_RO                 rstvMz    ROa@2#                 -
  EVALSHA                 stvMz     RWau@2#                -
  EVALSHA_RO              rstvMz    ROa@2#                 -
  FCALL                   stvMz     RWau@2#                -
  FCALL_RO                rstvMz    ROa@2#                 -
  FUNCTION                -         -                      !
  FUNCTION|DELETE         ws        -                      -                q:all_shards,s:all_succeeded
  FUNCTION|DUMP           s         -                      -
  FUNCTION|FLUSH          ws        -                      -                q:all_shards,s:all_succeeded
  FUNCTION|HELP           lt        -                      -
  FUNCTION|KILL           sy        -                      -                q:all_shards,s:one_succeeded
  FUNCTION|LIST           s         -                      -                O
  FUNCTION|LOAD           wms       -                      -                q:all_shards,s:all_succeeded
  FUNCTION|RESTORE        wms       -                      -                q:all_shards,s:all_succeeded
  FUNCTION|STATS          sy        -                      -                N,q:all_shards,s:special
  SCRIPT                  -         -                      !
  SCRIPT|DEBUG            s         -                      -
  SCRIPT|EXISTS           s         -                      -                q:all_shards,s:agg_logical_and
  SCRIPT|FLUSH            s         -                      -                q:all_nodes,s:all_succeeded
  SCRIPT|HELP             lt        -                      -
  SCRIPT|KILL             sy        -                      -                q:all_shards,s:one_succeeded
  SCRIPT|LOAD             st        -                      -                q:all_nodes,s:all_succeeded
  == pubsub
  PSUBSCRIBE              pslt      -                      -
  PUBLISH                 pltF      -                      -
  PUBSUB                  -         -                      -
  PUBSUB|CHANNELS         plt       -                      -
  PUBSUB|HELP             lt        -                      -
  PUBSUB|NUMPAT           plt       -                      -
  PUBSUB|NUMSUB           plt       -                      -
  PUBSUB|SHARDCHANNELS    plt       -                      -
  PUBSUB|SHARDNUMSUB      plt       -                      -
  PUNSUBSCRIBE            pslt      -                      -
  SPUBLISH                pltF      k@1                    -
  SSUBSCRIBE              pslt      k@1..                  -
  SUBSCRIBE               pslt      -                      -
  SUNSUBSCRIBE            pslt      k@1..                  -
  UNSUBSCRIBE             pslt      -                      -
  == connection connection
  AUTH                    sltyFx    -                      -
  CLIENT                  -         -                      !
  CLIENT|CACHING          slt       -                      -
  CLIENT|GETNAME          slt       -                      -
  CLIENT|GETREDIR         slt       -                      -
  CLIENT|HELP             lt        -                      -
  CLIENT|ID               slt       -                      -
  CLIENT|INFO             slt       -                      -                N
  CLIENT|KILL             aslt      -                      -
  CLIENT|LIST             aslt      -                      -                N
  CLIENT|NO-EVICT         aslt      -                      -
  CLIENT|PAUSE            aslt      -                      -
  CLIENT|REPLY            slt       -                      -
  CLIENT|SETNAME          slt       -                      -
  CLIENT|TRACKING         slt       -                      -
  CLIENT|TRACKINGINFO     slt       -                      -
  CLIENT|UNBLOCK          aslt      -                      -
  CLIENT|UNPAUSE          aslt      -                      -
  ECHO                    ltF       -                      -
  HELLO                   sltyFx    -                      -
  PING                    F         -                      -                q:all_shards,s:all_succeeded
  QUIT                    sltyFx    -                      -
  RESET                   sltyFx    -                      -
  SELECT                  ltF       -                      -
  == server
  ACL                     -         -                      -
  ACL|CAT                 slt       -                      -
  ACL|DELUSER             aslt      -                      -
  ACL|DRYRUN              aslt      -                      -
  ACL|GENPASS             slt       -                      -
  ACL|GETUSER             aslt      -                      -
  ACL|HELP                lt        -                      -
  ACL|LIST                aslt      -                      -
  ACL|LOAD                aslt      -                      -
  ACL|LOG                 aslt      -                      -
  ACL|SAVE                aslt      -                      -
  ACL|SETUSER             aslt      -                      -
  ACL|USERS               aslt      -                      -
  ACL|WHOAMI              slt       -                      -
  BGREWRITEAOF            asc       -                      -
  BGSAVE                  asc       -                      -
  COMMAND                 lt        -                      connection       O
  COMMAND|COUNT           lt        -                      connection
  COMMAND|DOCS            lt        -                      connection       O
  COMMAND|GETKEYS         lt        -                      connection
  COMMAND|GETKEYSANDFLAGS lt        -                      connection
  COMMAND|HELP            lt        -                      connection
  COMMAND|INFO            lt        -                      connection       O
  COMMAND|LIST            lt        -                      connection       O
  CONFIG                  -         -                      -
  CONFIG|GET              aslt      -                      -
  CONFIG|HELP             lt        -                      -
  CONFIG|RESETSTAT        aslt      -                      -
  CONFIG|REWRITE          aslt      -                      -
  CONFIG|SET              aslt      -                      -                q:all_nodes,s:all_succeeded
  DBSIZE                  rF        -                      keyspace         q:all_shards,s:agg_sum
  DEBUG                   aslt      -                      -
  FAILOVER                ast       -                      -
  FLUSHALL                w         -                      dangerous,keyspace q:all_shards,s:all_succeeded
  FLUSHDB                 w         -                      dangerous,keyspace q:all_shards,s:all_succeeded
  INFO                    lt        -                      dangerous        N,q:all_shards,s:special
  LASTSAVE                ltF       -                      admin,dangerous  N
  LATENCY                 -         -                      -
  LATENCY|DOCTOR          aslt      -                      -                N,q:all_nodes,s:special
  LATENCY|GRAPH           aslt      -                      -                N,q:all_nodes,s:special
  LATENCY|HELP            lt        -                      -
  LATENCY|HISTOGRAM       aslt      -                      -                N,q:all_nodes,s:special
  LATENCY|HISTORY         aslt      -                      -                N,q:all_nodes,s:special
  LATENCY|LATEST          aslt      -                      -                N,q:all_nodes,s:special
  LATENCY|RESET           aslt      -                      -                q:all_nodes,s:all_succeeded
  LOLWUT                  rF        -                      -
  MEMORY                  -         -                      -
  MEMORY|DOCTOR           -         -                      -                N,q:all_shards,s:special
  MEMORY|HELP             lt        -                      -
  MEMORY|MALLOC-STATS     -         -                      -                N,q:all_shards,s:special
  MEMORY|PURGE            -         -                      -                q:all_shards,s:all_succeeded
  MEMORY|STATS            -         -                      -                N,q:all_shards,s:special
  MEMORY|USAGE            r         RO@2                   -
  MODULE                  -         -                      -
  MODULE|HELP             lt        -                      -
  MODULE|LIST             as        -                      -                O
  MODULE|LOAD             asc       -                      -
  MODULE|LOADEX           asc       -                      -
  MODULE|UNLOAD           asc       -                      -
  MONITOR                 aslt      -                      -
  PSYNC                   ascn      -                      -
  REPLCONF                aslty     -                      -
  REPLICAOF               astc      -                      -
  RESTORE-ASKING          wmk       OWu@1                  dangerous,keyspace
  ROLE                    sltF      -                      admin,dangerous
  SAVE                    ascn      -                      -
  SHUTDOWN                asltyn    -                      -
  SLAVEOF                 astc      -                      -
  SLOWLOG                 -         -                      -
  SLOWLOG|GET             alt       -                      -                q:all_nodes,N
  SLOWLOG|HELP            lt        -                      -
  SLOWLOG|LEN             alt       -                      -                q:all_nodes,s:agg_sum,N
  SLOWLOG|RESET           alt       -                      -                q:all_nodes,s:all_succeeded
  SWAPDB                  wF        -                      dangerous,keyspace
  SYNC                    ascn      -                      -
  TIME                    ltF       -                      -                N
  == cluster
  ASKING                  F         -                      connection
  CLUSTER                 -         -                      -
  CLUSTER|ADDSLOTS        atc       -                      -
  CLUSTER|ADDSLOTSRANGE   atc       -                      -
  CLUSTER|BUMPEPOCH       atc       -                      -                N
  CLUSTER|COUNT-FAILURE-REPORTS at        -                      -                N
  CLUSTER|COUNTKEYSINSLOT t         -                      -
  CLUSTER|DELSLOTS        atc       -                      -
  CLUSTER|DELSLOTSRANGE   atc       -                      -
  CLUSTER|FAILOVER        atc       -                      -
  CLUSTER|FLUSHSLOTS      atc       -                      -
  CLUSTER|FORGET          atc       -                      -
  CLUSTER|GETKEYSINSLOT   t         -                      -                N
  CLUSTER|HELP            lt        -                      -
  CLUSTER|INFO            t         -                      -                N
  CLUSTER|KEYSLOT         t         -                      -
  CLUSTER|LINKS           t         -                      -                N
  CLUSTER|MEET            atc       -                      -
  CLUSTER|MYID            t         -                      -
  CLUSTER|NODES           t         -                      -                N
  CLUSTER|REPLICAS        at        -                      -                N
  CLUSTER|REPLICATE       atc       -                      -
  CLUSTER|RESET           ast       -                      -
  CLUSTER|SAVECONFIG      atc       -                      -
  CLUSTER|SET-CONFIG-EPOCH atc       -                      -
  CLUSTER|SETSLOT         atc       -                      -
  CLUSTER|SHARDS          t         -                      -                N
  CLUSTER|SLAVES          at        -                      -                N
  CLUSTER|SLOTS           t         -                      -                N
  READONLY                ltF       -                      connection
  READWRITE               ltF       -                      connection
`;
