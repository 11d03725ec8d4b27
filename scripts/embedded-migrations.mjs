// Migrations as drizzle-orm's readMigrationFiles() would read them, put together at build time.
import crypto from 'node:crypto'
import fs from 'node:fs'

export function embeddedMigrations(folder) {
  if (!fs.existsSync(`${folder}/meta/_journal.json`)) return []
  const journal = JSON.parse(fs.readFileSync(`${folder}/meta/_journal.json`, 'utf8'))
  return journal.entries.map(entry => {
    const sql = fs.readFileSync(`${folder}/${entry.tag}.sql`, 'utf8')
    return { sql: sql.split('--> statement-breakpoint'), bps: entry.breakpoints, folderMillis: entry.when, hash: crypto.createHash('sha256').update(sql).digest('hex') }
  })
}
