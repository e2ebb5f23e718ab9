const model = (row: string): string =>
  `'model', ${row}.id, ${row}.institution_id, ${row}.namespace || '/' || ${row}.slug, ${row}.name,
    concat_ws(' ', array_to_string(${row}.tags, ' '), ${row}.licence, ${row}.scenario, search_leaves(${row}.card))`;
const version = (row: string): string => `'version', ${row}.id, ${row}.institution_id, '', '', ${row}.notes`;
const dataset = (row: string): string =>
  `'dataset', ${row}.id, ${row}.institution_id, ${row}.namespace || '/' || ${row}.slug, ${row}.name,
    concat_ws(' ', ${row}.licence, array_to_string(${row}.languages, ' '), ${row}.description)`;
const institution = (row: string): string => `'institution', ${row}.id, ${row}.id, ${row}.slug, ${row}.name, ${row}.region`;
const person = (row: string): string => `'person', ${row}.id, ${row}.institution_id, ${row}.email, ${row}.name, ''`;

const follows = (table: string, columns: string, document: (row: string) => string): string => `
create function note_search_${table}() returns trigger language plpgsql as $$
begin
  perform write_search_document(${document("new")});
  return null;
end $$;
create trigger ${table}_search after insert or update of ${columns} on ${table} for each row execute function note_search_${table}();
create trigger ${table}_search_end after delete on ${table} for each row execute function forget_search_document();
select write_search_document(${document("s")}) from ${table} s;`;

/**
 * The documents follow their sources by trigger, so that no writer can forget, and what was there before is brought over. Most versions
 * have no words of their own: they get no document, and their registration pays for nothing.
 */
export const searchSources = `
${follows("models", "name, card, tags, licence, scenario", model)}
${follows("datasets", "name, licence, languages, description", dataset)}
${follows("institutions", "name, region", institution)}

create function note_search_versions() returns trigger language plpgsql as $$
begin
  if new.notes = '' then delete from search_documents where id = new.id;
  else perform write_search_document(${version("new")});
  end if;
  return null;
end $$;
create trigger versions_search_first after insert on versions for each row when (new.notes <> '') execute function note_search_versions();
create trigger versions_search after update of notes on versions for each row when (old.notes <> new.notes)
  execute function note_search_versions();
create trigger versions_search_end after delete on versions for each row when (old.notes <> '') execute function forget_search_document();
select write_search_document(${version("s")}) from versions s where s.notes <> '';

create function note_search_users() returns trigger language plpgsql as $$
begin
  if new.removed_at is not null then delete from search_documents where id = new.id;
  else perform write_search_document(${person("new")});
  end if;
  return null;
end $$;
create trigger users_search after insert or update of name, email, removed_at on users for each row execute function note_search_users();
create trigger users_search_end after delete on users for each row execute function forget_search_document();
select write_search_document(${person("s")}) from users s where s.removed_at is null;

-- Last, since filling it row by row would cost more. With kind and owner in it, another institution's matches are not even looked at.
create index search_documents_grams on search_documents using gin (kind, institution_id, grams gin_trgm_ops);
`;
