/** Devices that an action is meant for: a list of ids, or all that match a filter, less some. Always within what the viewer may see. */
import type BetterSqlite3 from 'better-sqlite3'
import type { z } from 'zod'
import { visible, type Viewer } from '../domains/viewer.ts'
import type { selection } from '../protocol/task-messages.ts'
import { pageWhere, type Where } from './device-query.ts'

export type Selection = z.infer<typeof selection>

/** Condition of a selection; without one: of all visible devices. */
export function selectionWhere(viewer: Viewer, chosen: Selection | undefined): Where {
  const { sql, values } = chosen?.filter ? pageWhere(viewer, chosen.filter) : { sql: visible(viewer, 'domain_id'), values: [] }
  const conditions = [sql]
  const all = [...values]
  if (chosen?.ids) {
    conditions.push('id IN (SELECT value FROM json_each(?))')
    all.push(JSON.stringify(chosen.ids))
  }
  if (chosen?.except?.length) {
    conditions.push('id NOT IN (SELECT value FROM json_each(?))')
    all.push(JSON.stringify(chosen.except))
  }
  return { sql: conditions.join(' AND '), values: all }
}

/** The domain all devices of a selection are in; 0 when there are several. */
export function soleDomain(sqlite: BetterSqlite3.Database, viewer: Viewer, selection: Selection | undefined): number {
  const where = selectionWhere(viewer, selection)
  const rows = sqlite.prepare<(string | number)[], { id: number }>(`SELECT DISTINCT domain_id AS id FROM devices WHERE ${where.sql} LIMIT 2`).all(...where.values)
  return rows.length === 1 ? rows[0]?.id ?? 0 : 0
}
