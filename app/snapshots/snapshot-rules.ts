/**
 * What an instance does with the snapshot that its PostgreSQL database carries. A backup of the App Platform is a dump of
 * that database, so a snapshot which this instance has not written means that somebody restored one.
 */

/** What is known of the file in the working path. */
export interface LocalFile {
  readonly exists: boolean
  /** Snapshots this file may have written last: the one whose commit is certain, and one whose commit was under way. */
  readonly written: readonly string[]
}

export type Decision =
  /** The snapshot is this file's own: go on writing changes to it. */
  | 'continue'
  /** There is none: write the first one. */
  | 'first'
  /** It comes from elsewhere, or there is no file: it takes the place of the file, which is kept. */
  | 'load'

/** `snapshot` is the id of the snapshot in PostgreSQL; `undefined`: there is none. */
export function decide(local: LocalFile, snapshot: string | undefined): Decision {
  if (snapshot === undefined) return 'first'
  return local.exists && local.written.includes(snapshot) ? 'continue' : 'load'
}

/** What a look at PostgreSQL finds while the instance runs. */
export type Look =
  | { readonly is: 'own' }
  /** The snapshot has gone; written again when it is missing in the next look too, because a restore may be under way. */
  | { readonly is: 'vanished', readonly again: boolean }
  /** A restore happened; `complete` when all of its parts are there. */
  | { readonly is: 'restored', readonly complete: boolean }

export function judge(written: readonly string[], snapshot: { readonly id: string, readonly complete: boolean } | undefined, missingBefore: boolean): Look {
  if (!snapshot) return written.length === 0 ? { is: 'own' } : { is: 'vanished', again: missingBefore }
  return written.includes(snapshot.id) ? { is: 'own' } : { is: 'restored', complete: snapshot.complete }
}
