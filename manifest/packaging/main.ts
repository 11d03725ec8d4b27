/**
 * `npm run package`: builds the executable for the App Platform and the tree that an App Store serves, in `dist/store`.
 *
 * usage: manifest/packaging/main.ts [--arch x64|arm64]… [--plain] [--level 1-19] [--built] [--out folder]
 * `--plain` leaves the executables as they are, `--built` takes those that are in `dist` instead of building them.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { parseArgs } from 'node:util'
import { BEST_LEVEL, compressed } from './compressed.ts'
import { latestNeeded, machineOf, type Machine } from './elf.ts'
import { floorProblems } from './glibc-floor.ts'
import { launcher } from './launcher.ts'
import { MANIFEST } from './manifest.ts'
import { ARCH_FOLDERS, describeExecutable, treeProblems, writeStoreTree } from './store-tree.ts'

const MACHINES = ['x64', 'arm64'] as const satisfies readonly Machine[]
const isMachine = (text: string): text is Machine => MACHINES.some(one => one === text)

const { values } = parseArgs({ options: {
  arch: { type: 'string', multiple: true }, plain: { type: 'boolean' }, built: { type: 'boolean' }, level: { type: 'string' }, out: { type: 'string' },
} })
const machines = values.arch === undefined ? [...MACHINES] : values.arch.filter(isMachine)
if (machines.length === 0 || machines.length !== (values.arch ?? machines).length) throw new Error(`--arch is one of ${MACHINES.join(', ')}`)
const level = Number(values.level ?? BEST_LEVEL)
const folder = values.out ?? 'dist/store'

const build = (machine: Machine): void => { execFileSync(machine === process.arch ? 'scripts/node24' : `scripts/build-${machine}`, machine === process.arch ? ['build.mjs'] : [], { stdio: 'inherit' }) }

if (!values.plain) execFileSync('manifest/packaging/provide', machines, { stdio: 'inherit' })
const plain = new Map<Machine, Buffer>()
for (const machine of machines) {
  if (!values.built) build(machine)
  const file = fs.readFileSync(machine === process.arch ? 'dist/devices' : `dist/devices-${machine}`)
  if (machineOf(file) !== machine) throw new Error(`the executable built for ${machine} is not for it`)
  const tooNew = floorProblems('executable', latestNeeded(file))
  if (tooNew.length > 0) throw new Error(`the executable for ${machine} needs more than docs/packaging.md says: ${tooNew.join(', ')}`)
  plain.set(machine, file)
}
// One after the other would take twice as long.
const executables = new Map(await Promise.all([...plain].map(async ([machine, file]) => [machine, values.plain ? file : await compressed(launcher(machine), file, level)] as const)))
writeStoreTree({ folder, executables, icon: fs.readFileSync('manifest/icons/store.png') })
const problems = treeProblems(folder, machines)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
const { app: { id }, release } = MANIFEST
console.log(`${folder}: ${id} ${release.id} ${release.label} [${release.build}]`)
for (const [machine, executable] of executables) console.log(`  ${ARCH_FOLDERS[machine]}: ${describeExecutable(executable)}`)
