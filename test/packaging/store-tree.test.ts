/** The tree for an App Store (wire-protocols 8), made by the script, and the executable in it on a platform. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import app from '../../manifest/app.json' with { type: 'json' }
import release from '../../manifest/release.json' with { type: 'json' }
import { isStatic, machineOf, type Machine } from '../../manifest/packaging/elf.ts'
import { APP_ID, ARCH_FOLDERS, treeProblems } from '../../manifest/packaging/store-tree.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { EXECUTABLE, temporaryFolder } from '../fixtures/service.ts'
import { PASSWORD, startFakePlatform } from '../fake-platform/platform.ts'

const here: Machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const other: Machine = here === 'x64' ? 'arm64' : 'x64'
const root = temporaryFolder()
t.teardown(() => fs.rmSync(root, { recursive: true, force: true }))
const store = path.join(root, 'store')
// Weakly compressed, for time; this machine's part only: the other one is built by `npm run package`, which checks the same.
execFileSync('scripts/node24', ['manifest/packaging/main.ts', '--built', '--level', '1', '--arch', here, '--out', store], { stdio: ['ignore', 'ignore', 'inherit'] })
const inside = path.join(store, release.build, ARCH_FOLDERS[here], APP_ID)
const packed = path.join(inside, APP_ID)

t.test('every file is where chapter 8 has it', async t => {
  t.strictSame(fs.readdirSync(store, { recursive: true, encoding: 'utf8' }).filter(name => fs.statSync(path.join(store, name)).isFile()).sort(),
    [`${release.build}/${APP_ID}_files`, `${release.build}/${ARCH_FOLDERS[here]}/${APP_ID}/${APP_ID}`, `${release.build}/${ARCH_FOLDERS[here]}/${APP_ID}/${APP_ID}.png`, 'apps.json'])
  t.equal(fs.readFileSync(path.join(store, release.build, `${APP_ID}_files`), 'utf8'), `${APP_ID},${APP_ID}.png`, 'names with commas, no spaces, no end of line')
  t.strictSame(treeProblems(store, [here]), [])
})

t.test('apps.json has all fields of the document, from the manifest', async t => {
  const { apps } = JSON.parse(fs.readFileSync(path.join(store, 'apps.json'), 'utf8')) as { apps: Record<string, unknown>[] }
  t.equal(apps.length, 1)
  t.strictSame(apps[0], { ...app, folder: app.id, binary: app.id, versions: [release] })
  for (const field of ['id', 'folder', 'binary', 'versions', 'manufacturer', 'title', 'description', 'support', 'impressum', 'license_type', 'license_info', 'langs', 'categories']) t.ok(apps[0]?.[field], field)
  t.match(app.id, /^[A-Za-z_]+-[A-Za-z_-]+$/)
  t.notMatch(app.id, /innovaphone/, 'it does not pretend to be the manufacturer')
  t.ok(Number(release.build) >= 1000)
})

t.test('the check finds what is wrong with a tree', async t => {
  const copy = path.join(root, 'copy')
  const fresh = (): string => {
    fs.rmSync(copy, { recursive: true, force: true })
    fs.cpSync(store, copy, { recursive: true })
    return copy
  }
  const place = `${release.build}/${ARCH_FOLDERS[here]}/${APP_ID}`
  const otherPlace = `${release.build}/${ARCH_FOLDERS[other]}/${APP_ID}`
  t.strictSame(treeProblems(fresh(), [here, other]), [`${otherPlace}/${APP_ID} is missing`, `${otherPlace}/${APP_ID}.png is missing`], 'a machine is missing')
  // A stand-in with the head of the other machine's executable, long enough for one.
  const standIn = Buffer.alloc(21 * 2 ** 20)
  fs.readFileSync(packed).copy(standIn, 0, 0, 64)
  standIn.writeUInt16LE(other === 'arm64' ? 0xb7 : 0x3e, 18)
  fs.cpSync(path.join(fresh(), place), path.join(copy, otherPlace), { recursive: true })
  t.strictSame(treeProblems(copy, [here, other]), [`${otherPlace}/${APP_ID} is for ${here}`], 'executables mixed up')
  fs.writeFileSync(path.join(copy, otherPlace, APP_ID), standIn)
  t.strictSame(treeProblems(copy, [here, other]), [])
  fs.writeFileSync(path.join(fresh(), place, APP_ID), 'no executable')
  t.strictSame(treeProblems(copy, [here]), [`${place}/${APP_ID} is no ELF file`])
  fs.truncateSync(path.join(fresh(), place, APP_ID), 1_000_000)
  t.strictSame(treeProblems(copy, [here]), [`${place}/${APP_ID} is too small: 1000000 bytes`])
  fs.chmodSync(path.join(fresh(), place, APP_ID), 0o644)
  t.strictSame(treeProblems(copy, [here]), [`${place}/${APP_ID} may not be executed`])
  fs.copyFileSync('ui/static/innovaphone-devices.png', path.join(fresh(), place, `${APP_ID}.png`))
  t.strictSame(treeProblems(copy, [here]), [`${place}/${APP_ID}.png is not a PNG of 110 by 110 pixels`])
  fs.writeFileSync(path.join(fresh(), place, 'more'), '')
  t.strictSame(treeProblems(copy, [here]), [`${place}/more is not in ${APP_ID}_files`])
  fs.writeFileSync(path.join(fresh(), release.build, `${APP_ID}_files`), `${APP_ID}, ${APP_ID}.png`)
  t.match(treeProblems(copy, [here])[0], /no list of names with commas/)
  fs.rmSync(path.join(fresh(), release.build), { recursive: true })
  t.match(treeProblems(copy, [here]), [/_files is missing/])
  fs.rmSync(path.join(copy, 'apps.json'))
  t.match(treeProblems(copy, [here])[0], /apps.json is missing/)
})

t.test('the compressed executable needs no library, becomes the plain one, and runs under its own name', async t => {
  const file = fs.readFileSync(packed)
  t.equal(machineOf(file), here)
  t.ok(isStatic(file))
  // Called by another name: the file's own one counts.
  const link = path.join(root, 'called-otherwise')
  fs.symlinkSync(packed, link)
  const platform = await startFakePlatform({ executable: link })
  t.strictSame((await platform.manager.until({ mt: 'AppServiceInitConnection' }))['version'], release)
  const base = await platform.startInstance('devices')
  await (await AppClient.login(`${base.replace(/^http/, 'ws')}/innovaphone-devices`, { password: PASSWORD })).close()
  const logs = path.join(platform.folder, 'log')
  t.strictSame(fs.readdirSync(logs), [APP_ID])
  t.match(fs.readdirSync(path.join(logs, APP_ID)), [new RegExp(`^${APP_ID}-\\d{4}-\\d\\d-\\d\\dT`)])
  const { pid } = platform.process
  t.match(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'), [packed, /^--manager=/, '--service-id=svc-devices'], 'a list of processes shows file and arguments')
  t.match(fs.readlinkSync(`/proc/${pid}/exe`), new RegExp(`^${inside}/#\\d+ \\(deleted\\)$`), 'unpacked on the disk, beside itself')
  t.ok(fs.readFileSync(`/proc/${pid}/exe`).equals(fs.readFileSync(EXECUTABLE)), 'to the last byte')
  t.strictSame(fs.readdirSync(inside).sort(), [APP_ID, `${APP_ID}.png`], 'nothing lies around')
  await platform.stop()
  t.equal(await platform.exited, 0)
})

t.test('a damaged executable says so', async t => {
  const whole = fs.readFileSync(packed)
  const broken = path.join(root, 'broken')
  const says = (bytes: Buffer): { code: number | null, text: string } => {
    fs.writeFileSync(broken, bytes, { mode: 0o755 })
    const { status, stderr } = spawnSync(broken, ['version'], { encoding: 'utf8' })
    return { code: status, text: stderr }
  }
  const flipped = Buffer.from(whole)
  flipped.writeUInt8(flipped.readUInt8(20_000_000) ^ 0xff, 20_000_000)
  t.match(says(flipped), { code: 126, text: /^devices: cannot be unpacked\. .*the file is damaged/ })
  t.match(says(whole.subarray(0, 10_000_000)), { code: 126, text: `devices: ${broken} is damaged or incomplete\n` })
  const short = Buffer.concat([whole.subarray(0, 10_000_000), whole.subarray(-16)])
  t.match(says(short), { code: 126 }, 'the middle is missing')
})
