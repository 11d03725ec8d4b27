/** Names for a roll-out, as people paste or import them: one a line, or a column of a table (CSV). Pure. */

export const LONGEST_NAME = 128
/** More lines than this are not read. */
export const MOST_LINES = 10_000

/** Splits one line of a table; quoted cells may hold the separator, and `""` is a quote. */
export function cells(line: string, separator: string): string[] {
  const found: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const sign = line[at]
    if (quoted && sign === '"' && line[at + 1] === '"') {
      cell += '"'
      at++
    } else if (sign === '"' && (quoted || cell.trim() === '')) {
      quoted = !quoted
      if (quoted) cell = ''
    } else if (sign === separator && !quoted) {
      found.push(cell.trim())
      cell = ''
    } else {
      cell += sign
    }
  }
  return [...found, cell.trim()]
}

export interface Table { readonly rows: readonly { readonly line: number, readonly cells: readonly string[] }[], readonly columns: number, readonly cut: boolean }

/** The separator that stands in most lines: semicolon, tab, comma. A comma in names alone ("Lovelace, Ada") is not told apart from a table. */
function separatorOf(lines: readonly string[]): string | undefined {
  const most = Math.max(1, lines.length / 2)
  return [';', '\t', ','].find(separator => lines.filter(line => line.includes(separator)).length >= most)
}

export function readTable(text: string): Table {
  const all = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const lines = all.slice(0, MOST_LINES).map((line, at) => ({ line: at + 1, text: line })).filter(line => line.text.trim() !== '')
  const separator = separatorOf(lines.map(line => line.text))
  const rows = lines.map(({ line, text }) => ({ line, cells: separator === undefined ? [text.trim()] : cells(text, separator) }))
  return { rows, columns: rows.reduce((most, row) => Math.max(most, row.cells.length), 0), cut: all.length > MOST_LINES && all.slice(MOST_LINES).some(line => line.trim() !== '') }
}

const NAME_HEADS = ['sip', 'name', 'user', 'username', 'login', 'benutzer', 'benutzername', 'anmeldename', 'cn', 'user name']
/** A first line that names columns instead of people. @returns the column that most likely holds the names, and whether there is such a line */
export function guessColumn(table: Table): { column: number, head: boolean } {
  const first = table.rows[0]?.cells.map(cell => cell.toLowerCase()) ?? []
  const known = NAME_HEADS.map(name => first.indexOf(name)).find(at => at >= 0)
  return known === undefined ? { column: 0, head: false } : { column: known, head: true }
}

export type NameProblem = 'twice' | 'long' | 'known'
export interface ListedName { readonly line: number, readonly name: string, readonly problem?: NameProblem }

/** @param known names that have an open code already (lower case) */
export function readNames(table: Table, column: number, head: boolean, known: ReadonlySet<string> = new Set()): ListedName[] {
  const seen = new Set<string>()
  return table.rows.slice(head ? 1 : 0).flatMap(({ line, cells: found }): ListedName[] => {
    const name = found[column] ?? ''
    if (name === '') return []
    const key = name.toLowerCase()
    const problem: NameProblem | undefined = name.length > LONGEST_NAME ? 'long' : seen.has(key) ? 'twice' : known.has(key) ? 'known' : undefined
    seen.add(key)
    return [{ line, name, ...(problem ? { problem } : {}) }]
  })
}
