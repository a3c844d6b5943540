/**
 * The writing commands of the modules that distributions of Redis 8 and Valkey bring along, in rows as those of
 * value-rows.ts. Source: their published references; no server at hand has them, so arities are the least that is
 * plausible.
 */
export const MODULE_ROWS = `
  -- JSON
  JSON.SET                  -4  w  o1           module
  JSON.MSET                 -4  w  o1../3       module
  JSON.MERGE                -4  w  c1           module
  JSON.DEL                  -2  w  x1           module
  JSON.FORGET               -2  w  x1           module
  JSON.CLEAR                -2  w  m1           module
  JSON.TOGGLE               -2  w  m1           module
  JSON.NUMINCRBY            -2  w  m1           module
  JSON.NUMMULTBY            -2  w  m1           module
  JSON.NUMPOWBY             -2  w  m1           module
  JSON.STRAPPEND            -2  w  m1           module
  JSON.ARRAPPEND            -2  w  m1           module
  JSON.ARRINSERT            -2  w  m1           module
  JSON.ARRPOP               -2  w  m1           module
  JSON.ARRTRIM              -2  w  m1           module
  -- time series
  TS.CREATE                 -2  w  c1           module
  TS.ALTER                  -2  w  m1           module
  TS.ADD                    -4  w  c1           module
  TS.MADD                   -4  w  c1../3       module
  TS.INCRBY                 -3  w  c1           module
  TS.DECRBY                 -3  w  c1           module
  TS.DEL                    -4  w  m1           module
  TS.CREATERULE             -3  w  m1,m2        module
  TS.DELETERULE             -3  w  m1,m2        module
  -- Bloom and cuckoo filters, sketches
  BF.RESERVE                -2  w  c1           module
  BF.ADD                    -2  w  c1           module
  BF.MADD                   -2  w  c1           module
  BF.INSERT                 -2  w  c1           module
  BF.LOADCHUNK              -2  w  c1           module
  BF.LOAD                   -2  w  c1           module
  CF.RESERVE                -2  w  c1           module
  CF.ADD                    -2  w  c1           module
  CF.ADDNX                  -2  w  c1           module
  CF.INSERT                 -2  w  c1           module
  CF.INSERTNX               -2  w  c1           module
  CF.LOADCHUNK              -2  w  c1           module
  CF.DEL                    -3  w  m1           module
  CF.COMPACT                -2  w  m1           module
  CMS.INITBYDIM             -4  w  c1           module
  CMS.INITBYPROB            -4  w  c1           module
  CMS.INCRBY                -4  w  m1           module
  CMS.MERGE                 -4  w  o1,r#2       module
  TOPK.RESERVE              -3  w  c1           module
  TOPK.ADD                  -3  w  m1           module
  TOPK.INCRBY               -4  w  m1           module
  TDIGEST.CREATE            -2  w  c1           module
  TDIGEST.ADD               -3  w  m1           module
  TDIGEST.RESET             -2  w  m1           module
  TDIGEST.MERGE             -4  w  o1,r#2       module
  -- search
  FT.CREATE                 -2  w  -            module
  FT.ALTER                  -2  w  -            module
  FT.DROPINDEX              -2  w  -            module
  FT.ALIASADD               -2  w  -            module
  FT.ALIASUPDATE            -2  w  -            module
  FT.ALIASDEL               -2  w  -            module
  FT.DICTADD                -2  w  -            module
  FT.DICTDEL                -2  w  -            module
  FT.SYNUPDATE              -2  w  -            module
  FT.SUGADD                 -2  w  c1           module
  FT.SUGDEL                 -2  w  x1           module
`;
