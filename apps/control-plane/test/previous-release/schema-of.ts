/** Not a part of an extension. */
const isOwn = (oid: string): string => `not exists (select from pg_depend d where d.objid = ${oid} and d.deptype = 'e')`;

/** Everything that schema `public` is made of, a line each, so that two databases can be compared. */
export const SCHEMA_OF = `
  with tables as (select c.* from pg_class c where relnamespace = 'public'::regnamespace and ${isOwn("c.oid")}),
    functions as (select p.* from pg_proc p where pronamespace = 'public'::regnamespace and ${isOwn("p.oid")})
  select line from (
    select concat_ws(' ', 'relation', relname, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity) from tables
    union all select concat_ws(' ', 'grant', relname, grantee::regrole, privilege_type) from tables, aclexplode(relacl) where grantee <> relowner
    union all select concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
      from tables t join pg_attribute a on attrelid = t.oid left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attnum > 0 and not attisdropped and relkind = 'r'
    union all select pg_get_indexdef(indexrelid) from pg_index join tables t on t.oid = indrelid
    union all select concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(k.oid)) from pg_constraint k join tables t on t.oid = conrelid
    union all select concat_ws(' ', 'policy', relname, polname, polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      from pg_policy join tables t on t.oid = polrelid
    union all select concat_ws(' ', pg_get_triggerdef(g.oid), tgenabled) from pg_trigger g join tables t on t.oid = tgrelid where not tgisinternal
    union all select concat_ws(' ', proowner::regrole, pg_get_functiondef(oid)) from functions
    union all select concat_ws(' ', 'grant', oid::regprocedure, grantee, privilege_type) from functions, aclexplode(proacl) where grantee <> proowner
  ) lines (line) order by line collate "C"`;
