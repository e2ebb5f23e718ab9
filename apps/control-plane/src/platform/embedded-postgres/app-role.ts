/** The database role the application acts as, embedded or outside: no superuser, bound by row-level security. Migrations grant to it by this name. */
export const appLogin = "ziggurat_app";
