/**
 * What COMMAND tells of the commands on values, beside what src/aof/commands has of them: in rows that command-facts.ts reads,
 * as Redis 7.0.15 answers.
 */
export const VALUE_FACTS = `
  == string string
  APPEND                  wmF       RWi@1                  -
  DECR                    wmF       RWau@1                 -
  DECRBY                  wmF       RWau@1                 -
  GET                     rF        ROa@1                  -
  GETDEL                  wF        RWad@1                 -
  GETEX                   wF        RWau@1                 -
  GETRANGE                r         ROa@1                  -
  GETSET                  wmF       RWau@1                 -
  INCR                    wmF       RWau@1                 -
  INCRBY                  wmF       RWau@1                 -
  INCRBYFLOAT             wmF       RWau@1                 -
  LCS                     r         ROa@1..+1              -
  MGET                    rF        ROa@1..                -                q:multi_shard
  MSET                    wm        OWu@1../2              -                q:multi_shard,s:all_succeeded
  MSETNX                  wm        OWi@1../2              -                q:multi_shard,s:agg_min
  PSETEX                  wm        OWu@1                  -
  SET                     wm        RWauv@1                -
  SETEX                   wm        OWu@1                  -
  SETNX                   wmF       OWi@1                  -
  SETRANGE                wm        RWu@1                  -
  STRLEN                  rF        RO@1                   -
  SUBSTR                  r         ROa@1                  -
  == bitmap bitmap
  BITCOUNT                r         ROa@1                  -
  BITFIELD                wm        RWauv@1                -
  BITFIELD_RO             rF        ROa@1                  -
  BITOP                   wm        OWu@2,ROa@3..          -
  BITPOS                  r         ROa@1                  -
  GETBIT                  rF        ROa@1                  -
  SETBIT                  wm        RWau@1                 -
  == list list
  BLMOVE                  wmsb      RWad@1,RWi@2           -
  BLMPOP                  wbv       RWad@2#                -
  BLPOP                   wsb       RWad@1..-2             -
  BRPOP                   wsb       RWad@1..-2             -
  BRPOPLPUSH              wmsb      RWad@1,RWi@2           -
  LINDEX                  r         ROa@1                  -
  LINSERT                 wm        RWi@1                  -
  LLEN                    rF        RO@1                   -
  LMOVE                   wm        RWad@1,RWi@2           -
  LMPOP                   wv        RWad@1#                -
  LPOP                    wF        RWad@1                 -
  LPOS                    r         ROa@1                  -
  LPUSH                   wmF       RWi@1                  -
  LPUSHX                  wmF       RWi@1                  -
  LRANGE                  r         ROa@1                  -
  LREM                    w         RWd@1                  -
  LSET                    wm        RWu@1                  -
  LTRIM                   w         RWd@1                  -
  RPOP                    wF        RWad@1                 -
  RPOPLPUSH               wm        RWad@1,RWi@2           -
  RPUSH                   wmF       RWi@1                  -
  RPUSHX                  wmF       RWi@1                  -
  == set set
  SADD                    wmF       RWi@1                  -
  SCARD                   rF        RO@1                   -
  SDIFF                   r         ROa@1..                -                O
  SDIFFSTORE              wm        OWu@1,ROa@2..          -
  SINTER                  r         ROa@1..                -                O
  SINTERCARD              rv        ROa@1#                 -
  SINTERSTORE             wm        RWu@1,ROa@2..          -
  SISMEMBER               rF        RO@1                   -
  SMEMBERS                r         ROa@1                  -                O
  SMISMEMBER              rF        ROa@1                  -
  SMOVE                   wF        RWad@1,RWi@2           -
  SPOP                    wF        RWad@1                 -                N
  SRANDMEMBER             r         ROa@1                  -                N
  SREM                    wF        RWd@1                  -
  SSCAN                   r         ROa@1                  -                N
  SUNION                  r         ROa@1..                -                O
  SUNIONSTORE             wm        OWu@1,ROa@2..          -
  == sorted-set sortedset
  BZMPOP                  wbv       RWad@2#                -
  BZPOPMAX                wsbF      RWad@1..-2             -
  BZPOPMIN                wsbF      RWad@1..-2             -
  ZADD                    wmF       RWu@1                  -
  ZCARD                   rF        RO@1                   -
  ZCOUNT                  rF        ROa@1                  -
  ZDIFF                   rv        ROa@1#                 -
  ZDIFFSTORE              wmv       OWu@1,ROa@2#           -
  ZINCRBY                 wmF       RWau@1                 -
  ZINTER                  rv        ROa@1#                 -
  ZINTERCARD              rv        ROa@1#                 -
  ZINTERSTORE             wmv       OWu@1,ROa@2#           -
  ZLEXCOUNT               rF        ROa@1                  -
  ZMPOP                   wv        RWad@1#                -
  ZMSCORE                 rF        ROa@1                  -
  ZPOPMAX                 wF        RWad@1                 -
  ZPOPMIN                 wF        RWad@1                 -
  ZRANDMEMBER             r         ROa@1                  -                N
  ZRANGE                  r         ROa@1                  -
  ZRANGEBYLEX             r         ROa@1                  -
  ZRANGEBYSCORE           r         ROa@1                  -
  ZRANGESTORE             wm        OWu@1,ROa@2            -
  ZRANK                   rF        ROa@1                  -
  ZREM                    wF        RWd@1                  -
  ZREMRANGEBYLEX          w         RWd@1                  -
  ZREMRANGEBYRANK         w         RWd@1                  -
  ZREMRANGEBYSCORE        w         RWd@1                  -
  ZREVRANGE               r         ROa@1                  -
  ZREVRANGEBYLEX          r         ROa@1                  -
  ZREVRANGEBYSCORE        r         ROa@1                  -
  ZREVRANK                rF        ROa@1                  -
  ZSCAN                   r         ROa@1                  -                N
  ZSCORE                  rF        ROa@1                  -
  ZUNION                  rv        ROa@1#                 -
  ZUNIONSTORE             wmv       OWu@1,ROa@2#           -
  == hash hash
  HDEL                    wF        RWd@1                  -
  HEXISTS                 rF        RO@1                   -
  HGET                    rF        ROa@1                  -
  HGETALL                 r         ROa@1                  -                O
  HINCRBY                 wmF       RWau@1                 -
  HINCRBYFLOAT            wmF       RWau@1                 -
  HKEYS                   r         ROa@1                  -                O
  HLEN                    rF        RO@1                   -
  HMGET                   rF        ROa@1                  -
  HMSET                   wmF       RWu@1                  -
  HRANDFIELD              r         ROa@1                  -                N
  HSCAN                   r         ROa@1                  -                N
  HSET                    wmF       RWu@1                  -
  HSETNX                  wmF       RWi@1                  -
  HSTRLEN                 rF        RO@1                   -
  HVALS                   r         ROa@1                  -                O
  == hyperloglog hyperloglog
  PFADD                   wmF       RWi@1                  -
  PFCOUNT                 r         RWa@1..                -
  PFDEBUG                 wma       RWa@2                  -
  PFMERGE                 wm        RWai@1,ROa@2..         -
  PFSELFTEST              a         -                      -
  == geo geo
  GEOADD                  wm        RWu@1                  -
  GEODIST                 r         ROa@1                  -
  GEOHASH                 r         ROa@1                  -
  GEOPOS                  r         ROa@1                  -
  GEORADIUS               wmv       ROa@1,OWu@STORE:6,OWu@STOREDIST:6 -
  GEORADIUS_RO            r         ROa@1                  -
  GEORADIUSBYMEMBER       wmv       ROa@1,OWu@STORE:5,OWu@STOREDIST:5 -
  GEORADIUSBYMEMBER_RO    r         ROa@1                  -
  GEOSEARCH               r         ROa@1                  -
  GEOSEARCHSTORE          wm        OWu@1,ROa@2            -
  == stream stream
  XACK                    wF        RWu@1                  -
  XADD                    wmF       RWu@1                  -                N
  XAUTOCLAIM              wF        RWd@1                  -                N
  XCLAIM                  wF        RWu@1                  -                N
  XDEL                    wF        RWd@1                  -
  XGROUP                  -         -                      !
  XGROUP|CREATE           wm        RWi@2                  -
  XGROUP|CREATECONSUMER   wm        RWi@2                  -
  XGROUP|DELCONSUMER      w         RWd@2                  -
  XGROUP|DESTROY          w         RWd@2                  -
  XGROUP|HELP             lt        -                      -
  XGROUP|SETID            w         RWu@2                  -
  XINFO                   -         -                      !
  XINFO|CONSUMERS         r         ROa@2                  -                N
  XINFO|GROUPS            r         ROa@2                  -
  XINFO|HELP              lt        -                      -
  XINFO|STREAM            r         ROa@2                  -
  XLEN                    rF        RO@1                   -
  XPENDING                r         ROa@1                  -                N
  XRANGE                  r         ROa@1                  -
  XREAD                   rbv       ROa@STREAMS:1..%2      -
  XREADGROUP              wbv       ROa@STREAMS:4..%2      -
  XREVRANGE               r         ROa@1                  -
  XSETID                  wmF       RWu@1                  -
  XTRIM                   w         RWd@1                  -                N
`;
