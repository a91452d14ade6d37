import os from "node:os";

const MiB = 1024 * 1024;

export interface Machine {
  readonly memoryBytes: number;
  readonly cores: number;
}

/** The machine as this process may use it: a container's limit counts, not the host's memory. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const total = os.totalmem();
  return { memoryBytes: limit > 0 && limit < total ? limit : total, cores: os.availableParallelism() };
}

/**
 * The settings that this product needs, by name.
 *
 * Durable, loopback only, scaled to the machine; and quiet: neither bind values nor SQL text nor the rows that an
 * error's DETAIL spells out ever reach the server's log. Errors reach the client, which is our business to log.
 */
export function serverSettings(port: number, machine: Machine): Readonly<Record<string, string>> {
  return { ...doors(port), ...durability, ...sizes(machine), ...quietLog, ...habits };
}

function doors(port: number): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    password_encryption: "scram-sha-256",
    max_connections: "60",
    authentication_timeout: "10s",
  };
}

const durability = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  wal_level: "replica",
  // Compressing the page images that follow a checkpoint took more time than writing them.
  wal_compression: "off",
  checkpoint_timeout: "15min",
  // An import of a million rows writes 4.4 GB; with 4 GB here, page images after its checkpoints made that 6.1 GB.
  max_wal_size: "8GB",
};

function sizes({ memoryBytes, cores }: Machine): Record<string, string> {
  return {
    shared_buffers: megabytes(memoryBytes / 4, 64, 4096),
    effective_cache_size: megabytes(memoryBytes / 2, 256, 65_536),
    maintenance_work_mem: megabytes(memoryBytes / 64, 32, 512),
    work_mem: megabytes(memoryBytes / 1024, 4, 32),
    max_parallel_workers: String(cores),
    max_parallel_workers_per_gather: String(Math.min(2, Math.floor(cores / 2))),
    random_page_cost: "1.1",
    jit: "off",
  };
}

const quietLog = {
  logging_collector: "on",
  log_directory: "log",
  // A ring of seven files, each day's overwritten a week later.
  log_filename: "postgresql-%u.log",
  log_rotation_age: "1d",
  log_truncate_on_rotation: "on",
  log_file_mode: "0600",
  log_line_prefix: "%m [%p] ",
  log_timezone: "UTC",
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_statement: "none",
  log_min_duration_statement: "-1",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_checkpoints: "off",
  log_lock_waits: "off",
};

const habits = {
  timezone: "UTC",
  lc_messages: "C",
  idle_in_transaction_session_timeout: "60s",
  client_connection_check_interval: "5s",
  // Settings come from files that we write; ALTER SYSTEM would hide one behind our back.
  allow_alter_system: "off",
};

function megabytes(bytes: number, least: number, most: number): string {
  return `${Math.floor(Math.min(Math.max(bytes / MiB, least), most))}MB`;
}
