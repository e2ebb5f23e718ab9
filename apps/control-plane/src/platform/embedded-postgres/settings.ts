/**
 * Server settings for one small machine (2 cores, from 4 GiB). Loopback only and no Unix socket: a socket's path would have to stay
 * under about 100 characters, and data directories need not.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  cluster_name: "ziggurat",
  max_connections: "200",
  shared_buffers: "128MB",
  work_mem: "8MB",
  maintenance_work_mem: "64MB",
  effective_cache_size: "1GB",
  max_wal_size: "512MB",
  min_wal_size: "80MB",
  random_page_cost: "1.1",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %q%a ",
  password_encryption: "scram-sha-256",
};

/** The settings as arguments of the server program. */
export const serverSettings = (own: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries({ ...settings, ...own }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
