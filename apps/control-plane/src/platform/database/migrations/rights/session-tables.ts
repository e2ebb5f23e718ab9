/** Sessions of one person in several institutions that one browser holds open together. One cookie, one of them in use at a time. */
const families = `
alter table sessions add column family text;
create index sessions_family on sessions (family) where family is not null;
-- One account of an institution in a browser: to go over to an institution is then never ambiguous.
create unique index sessions_family_institution on sessions (family, institution_id) where family is not null;
`;

export const sessionTables = [families];
