/**
 * How text is made comparable. `search_fold` takes case, width and punctuation away and keeps words apart by one space, with one at
 * either end; ideographs need none between them. `search_grams` spells every letter beyond ASCII as three: trigrams know the letters of
 * the database's locale only, which is C, and then hold one ideograph each, so that Chinese is looked up however short.
 */
export const searchText = (lowerCase: string): string => `
create function search_fold(said text) returns text language sql immutable parallel safe strict as $$
  select ' ' || btrim(regexp_replace(lower(normalize(said, NFKC) collate "${lowerCase}") collate "C",
    '[\\u0001-\\u002f\\u003a-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u2190-\\u2bff\\u3000-\\u3004\\u3008-\\u3020\\ufe10-\\ufe4f]+', ' ', 'g')) || ' '
$$;

create function search_grams(folded text) returns text language sql immutable parallel safe strict as $$
  select coalesce(string_agg(case when code < 128 then letter else
      substr(digits, code / 1296 % 36 + 1, 1) || substr(digits, code / 36 % 36 + 1, 1) || substr(digits, code % 36 + 1, 1) end, '' order by place), '')
  from (select letter, place, ascii(letter) as code, '0123456789abcdefghijklmnopqrstuvwxyz' as digits
        from unnest(string_to_array(folded, null)) with ordinality as letters (letter, place)) spelled
$$;

-- All texts of a JSON value, however deep: a field that a card gets later is found without a change here.
create function search_leaves(value jsonb) returns text language sql immutable parallel safe strict as $$
  select coalesce(string_agg(leaf #>> '{}', ' '), '') from jsonb_path_query(value, 'strict $.** ? (@.type() == "string")') as leaf
$$;
`;
