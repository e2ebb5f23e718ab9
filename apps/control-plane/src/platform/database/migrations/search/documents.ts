import { policy } from "../create-pyramid/row-security.js";

const PLATFORM = "'ins_00000000000000000000000000000000'";

/**
 * As its source: people and institutions are metadata of their institution; of the shared tiers an institution sees datasets, and models
 * and versions as far as the policy of versions lets it.
 */
const asItsSource = `(select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())
   or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM} and case kind
     when 'dataset' then true
     when 'model' then exists (select from versions v where v.model_id = search_documents.id)
     when 'version' then exists (select from versions v where v.id = search_documents.id)
     else false end)`;

export const searchDocuments = `
create extension if not exists pg_trgm;
create extension if not exists btree_gin;

-- What is said about one thing: its reference and name, folded, and all of its words. States, scores and rights are read where they are.
create table search_documents (
  id text constraint search_documents_pk primary key,
  kind text not null constraint search_documents_kind check (kind in ('model', 'version', 'dataset', 'institution', 'person')),
  institution_id text not null constraint search_documents_institution references institutions (id) on delete cascade,
  ref text not null,
  name text not null,
  said text not null,
  grams text not null
);

create function write_search_document(of_kind text, of_id text, owner text, called text, named text, rest text) returns void language sql as $$
  insert into search_documents (id, kind, institution_id, ref, name, said, grams)
  select of_id, of_kind, owner, f.ref, f.name, f.said, search_grams(f.said)
  from (select search_fold(called) as ref, search_fold(named) as name, search_fold(concat_ws(' ', called, named, rest)) as said) f
  on conflict (id) do update set ref = excluded.ref, name = excluded.name, said = excluded.said, grams = excluded.grams
$$;
create function forget_search_document() returns trigger language plpgsql as $$
begin
  delete from search_documents where id = old.id;
  return null;
end $$;
${policy("search_documents", asItsSource)}
grant select, insert, update, delete on search_documents to ziggurat_app;
`;
