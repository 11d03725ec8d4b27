/** The oldest C library that each part loads with is the documented one, for both machines. */
import fs from 'node:fs'
import t from 'tap'
import { latestNeeded, machineOf, type Machine } from '../../manifest/packaging/elf.ts'
import { FLOOR, floorProblems, type Part } from '../../manifest/packaging/glibc-floor.ts'
import { pinnedNatives } from '../../scripts/pinned-natives.mjs'
import { EXECUTABLE } from '../fixtures/service.ts'

const isPart = (name: string): name is Part => Object.hasOwn(FLOOR, name)

t.test('the executable', async t => {
  const file = fs.readFileSync(EXECUTABLE)
  t.equal(machineOf(file), process.arch)
  t.strictSame(floorProblems('executable', latestNeeded(file)), [])
})

t.test('the addons inside it, as they are after the build has altered them', async t => {
  for (const machine of ['x64', 'arm64'] satisfies Machine[]) {
    for (const [name, data] of pinnedNatives(machine)) {
      const part = name.replace('.node', '')
      if (!isPart(part)) throw new Error(`${part} has no floor`)
      t.equal(machineOf(data), machine)
      t.strictSame(floorProblems(part, latestNeeded(data)), [], `${part} for ${machine}`)
    }
  }
})

t.test('a part that needs more or less is noticed', async t => {
  t.strictSame(floorProblems('uws', { GLIBC: '2.38' }), ['GLIBC 2.38 instead of 2.36'])
  t.strictSame(floorProblems('executable', {}).length, 3)
  t.strictSame(latestNeeded(fs.readFileSync('node_modules/uWebSockets.js/uws_linux_x64_137.node'))['GLIBC'], '2.38', 'the addon as it comes needs more')
})

t.test('the documentation has the same figures', async t => {
  const text = fs.readFileSync('docs/packaging.md', 'utf8')
  for (const [part, floor] of Object.entries(FLOOR)) {
    const row = text.split('\n').find(line => line.startsWith('|') && line.includes(`\`${part}\``)) ?? ''
    for (const [kind, version] of Object.entries(floor)) t.match(row, `${kind} ${version}`, part)
  }
})
