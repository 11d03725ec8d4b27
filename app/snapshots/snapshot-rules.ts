/**
 * What an instance does with the snapshot that its PostgreSQL database carries. A backup of the App Platform is a dump of
 * that database, so a snapshot which this instance has not written means that somebody restored one.
 */

/** What is known of the instance and of the file in its working path. */
export interface LocalFile {
  /** `name@domain` */
  readonly instance: string
  readonly exists: boolean
  /** Snapshots this file may have written last: the one whose commit is certain, and one whose commit was under way. */
  readonly written: readonly string[]
  /** How many devices are in domains; looked at when it matters. */
  readonly devices: () => number
}

/** The snapshot in PostgreSQL. */
export interface Found { readonly id: string, readonly instance: string, readonly complete: boolean }

export type Decision =
  /** The snapshot is this file's own: go on writing changes to it. */
  | 'continue'
  /** There is none: write one. */
  | 'write'
  /** It comes from elsewhere, or there is no file: it takes the place of the file, which is kept. */
  | 'load'
  /** Not all of it is there; a restore may be under way. */
  | 'wait'
  /** It is another instance's, and this one has devices: two instances may have been given one database. */
  | 'refuse'

/**
 * `missing`: how long a snapshot that was there has been missing, in ms; a restore may be under way, so it is written anew
 * only after `patience`. At the start nobody waits.
 */
export function decide(local: LocalFile, found: Found | undefined, missing: number, patience: number): Decision {
  if (!found) return local.written.length > 0 && missing < patience ? 'wait' : 'write'
  if (local.exists && local.written.includes(found.id)) return 'continue'
  if (!found.complete && local.exists) return 'wait'
  return local.exists && local.devices() > 0 && found.instance !== local.instance ? 'refuse' : 'load'
}
