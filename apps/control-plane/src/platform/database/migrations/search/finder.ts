const PLATFORM = "ins_00000000000000000000000000000000";

/**
 * Documents of one kind that hold all the words. LIKE is not leakproof, so under row-level security PostgreSQL may not use an index for
 * it: the search runs as the tables' owner, whom a policy of its own lets read, and asks for the tenant itself. Whoever calls it joins
 * the sources under their own policies, which decide what is seen.
 *
 * A word is found inside others, so that "bank" finds "northbank" and 客服 stands anywhere; one or two letters only at a word's beginning.
 * `rank`: 0 the very reference, 1 the very name, 2 one of them has the words at a word's beginning, 3 in both together, 4 elsewhere.
 */
export const searchFinder = `
create policy search_documents_search on search_documents for select to current_user using (true);

create function find_search_text(wanted text[], of_kind text, most int) returns table (id text, rank int)
  language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  reach text := app_reach();
  tenant text := app_institution();
  whole text := rtrim(search_fold(array_to_string(wanted, ' ')));
  core text;
  holds text := '';
  heads text := 'true';
begin
  if reach not in ('tenant', 'platform', 'system') or (reach = 'tenant' and tenant is null) then return; end if;
  if reach = 'tenant' then holds := format(' and d.institution_id = any (%L::text[])', array[tenant, '${PLATFORM}']); end if;
  foreach core in array wanted loop
    core := btrim(search_fold(core));
    continue when core = '';
    if length(search_grams(core)) < 3 then core := ' ' || core; end if;
    holds := holds || format(' and d.grams like %L and strpos(d.said, %L) > 0', '%' || search_grams(core) || '%', core);
    heads := heads || format(' and strpos(d.ref || d.name, %L) > 0', core);
  end loop;
  -- Planned anew for these very words. Versions have notes only, and so many that they are not all ranked.
  return query execute format(
    'select d.id, case when d.ref = %1$L then 0 when d.name = %1$L or right(d.ref, %2$s) = %1$L then 1
        when strpos(d.ref, %3$L) > 0 or strpos(d.name, %3$L) > 0 then 2 when %4$s then 3 else 4 end as rank
     from search_documents d where d.kind = %5$L%6$s %7$s limit %8$s',
    whole || ' ', length(whole) + 1, whole, heads, of_kind, holds, case when of_kind = 'version' then '' else 'order by rank' end, most);
end $$;
revoke execute on function find_search_text from public;
grant execute on function find_search_text to ziggurat_app;
`;
