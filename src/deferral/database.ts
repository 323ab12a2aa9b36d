/** The file of the jobs: SQLite, for this proxy alone while it runs. */
import type Database from 'libsql'
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeOf } from '../storage/file.ts'
import { DeferralFileError } from './errors.ts'

export type { Database }

/** Says that a file is ours: "TwGo". */
const APPLICATION_ID = 0x5477476f
const VERSION = 1

const SCHEMA = `
  create table jobs (
    seq integer primary key,
    id text not null unique,
    state text not null,
    rule text not null,
    route text not null,
    account text not null,
    key_id text not null,
    sealed blob,
    created_ms integer not null,
    not_before_ms integer not null,
    started_ms integer,
    finished_ms integer,
    runs integer not null default 0,
    failures integer not null default 0,
    sent integer not null default 0,
    status integer,
    request_id text,
    error_code integer,
    already_gone integer not null default 0
  ) strict;
  create index jobs_by_state on jobs (state, rule, seq);
  create index jobs_by_end on jobs (finished_ms) where finished_ms is not null;
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${VERSION};
`

const loadDriver = async (): Promise<typeof Database> => (await import('libsql')).default

/** Its native part is a package for each platform, and those are optional: an install may leave them out. */
function withoutDriver (error: unknown): string {
  return `deferral.file: libsql, which reads and writes the file, cannot be loaded here (${codeOf(error)}). Install twilio-governor again without ` +
    '--omit=optional (npm) or --no-optional (pnpm), on a platform for which libsql has a package. Or remove deferral.file.'
}

/**
 * Opens the file, or makes it, readable for its owner alone. What is committed is on the disk.
 * @throws DeferralFileError when it is another's, in use, damaged, or cannot be written.
 */
export async function openDatabase (file: string, load = loadDriver): Promise<Database.Database> {
  const Sqlite = await load().catch((error: unknown) => { throw new DeferralFileError(withoutDriver(error)) })
  let db: Database.Database | undefined
  try {
    // SQLite would make it as the umask says, and gives its log the mode that the file has.
    closeSync(openSync(file, 'a', 0o600))
    // As an absolute path: the driver takes some names for a place in memory, or in the network.
    db = new Sqlite(resolve(file))
    // One process a file: the lock lasts until the file is closed, however that comes about.
    for (const pragma of [
      'locking_mode = exclusive',
      'journal_mode = wal',
      'synchronous = full',
      'secure_delete = on'
    ]) db.pragma(pragma)
    prepare(db, file)
    if (!isSound(db)) throw damaged(file)
    // A process that was killed may have left in its log what it had erased.
    db.pragma('wal_checkpoint(truncate)')
    return db
  } catch (error) {
    db?.close()
    throw explained(error, file)
  }
}

function prepare (db: Database.Database, file: string): void {
  const [application, version] = [numberOf(db, 'application_id'), numberOf(db, 'user_version')]
  const isEmpty = numberOf(db, 'schema_version') === 0
  if (isEmpty) db.exec(`begin immediate; ${SCHEMA} commit;`)
  else if (application !== APPLICATION_ID) {
    throw new DeferralFileError(
    `deferral.file: ${file} is a database of another program. Name another file.`
    )
  } else if (version !== VERSION) {
    throw new DeferralFileError(
    `deferral.file: ${file} has version ${version}, but this twilio-governor reads version ${VERSION}. Use the twilio-governor that wrote it.`
    )
  }
}

/** Gives the lock back, and leaves one file. */
export function closeDatabase (db: Database.Database): void {
  for (const pragma of ['journal_mode = delete', 'locking_mode = normal']) db.pragma(pragma)
  // The lock goes with the next look at the file.
  db.prepare('select count(*) from jobs').get()
  db.close()
}

function numberOf (db: Database.Database, pragma: string): number {
  const [row] = db.pragma(pragma) as ReadonlyArray<Readonly<Record<string, number>>>
  return row?.[pragma] ?? 0
}

/** Looks at every page. The file stays small, and a damaged one would fail later, one job at a time. */
function isSound (db: Database.Database): boolean {
  const [row] = db.pragma('quick_check(1)') as ReadonlyArray<Readonly<Record<string, string>>>
  return row?.['quick_check'] === 'ok'
}

const damaged = (file: string): DeferralFileError =>
  new DeferralFileError(
    `deferral.file: ${file} is damaged. Replace it with a sound copy, or move it away. Its jobs are then lost.`
  )

function explained (error: unknown, file: string): unknown {
  const code = codeOf(error)
  if (error instanceof DeferralFileError) return error
  if (code === 'SQLITE_BUSY') {
    return new DeferralFileError(
    `deferral.file: ${file} is in use by another process. Each proxy needs a file of its own.`
    )
  }
  if (code === 'SQLITE_NOTADB') {
    return new DeferralFileError(`deferral.file: ${file} is not a database. Name another file.`)
  }
  if (code.startsWith('SQLITE_CORRUPT')) return damaged(file)
  return code === 'unknown'
    ? error
    : new DeferralFileError(
    `deferral.file: ${file} cannot be used (${code}). Name a file in a folder that the proxy may write to.`
    )
}
