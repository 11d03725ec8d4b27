// usage: node build.mjs [--arch x64|arm64] [--assets]      result: dist/devices (x64) or dist/devices-arm64
// --assets stops before the executable: enough to run the service from a checkout (node app/main.ts).
import * as esbuild from 'esbuild'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { inject } from 'postject'
import { bundleUi } from './scripts/bundle-ui.mjs'
import { embeddedMigrations } from './scripts/embedded-migrations.mjs'
import { pinnedNatives } from './scripts/pinned-natives.mjs'

const option = process.argv.indexOf('--arch')
const arch = option > 0 ? process.argv[option + 1] : process.arch
const cross = arch !== process.arch
const dist = cross ? `dist/${arch}` : 'dist'
const assets = path.join(dist, 'assets')
const out = cross ? `dist/devices-${arch}` : 'dist/devices'
const nodeDir = cross ? `cross/${arch}/node_modules/node-linux-${arch}` : `node_modules/node-linux-${arch}`

let since = performance.now()
const took = what => {
  const now = performance.now()
  console.log(`${what}: ${Math.round(now - since)} ms`)
  since = now
}

fs.mkdirSync(assets, { recursive: true })
for (const file of fs.readdirSync(assets)) fs.rmSync(path.join(assets, file), { recursive: true })

const { build, files } = await bundleUi()
for (const [name, data] of files) fs.writeFileSync(path.join(assets, name), data)
fs.writeFileSync(path.join(assets, 'release.json'), JSON.stringify({ files: build }))
took('user interface')

fs.writeFileSync(path.join(assets, 'migrations.json'), JSON.stringify(embeddedMigrations('app/store/migrations')))
for (const [name, data] of pinnedNatives(arch)) fs.writeFileSync(path.join(assets, name), data)
took('assets')

if (process.argv.includes('--assets')) process.exit(0)

await esbuild.build({
  entryPoints: ['app/main.ts'], outfile: `${dist}/main.cjs`, bundle: true, platform: 'node', target: 'node24', format: 'cjs',
  minify: true, keepNames: true, sourcemap: false, external: ['*.node'], define: { 'import.meta.dirname': 'undefined' },
  logOverride: { 'empty-import-meta': 'silent' },
})
took('server bundle')

const names = fs.readdirSync(assets)
fs.writeFileSync(`${dist}/sea.json`, JSON.stringify({
  main: `${dist}/main.cjs`, output: `${dist}/sea.blob`, disableExperimentalSEAWarning: true, execArgvExtension: 'none', execArgv: ['--max-semi-space-size=4', '--disable-sigusr1'],
  useCodeCache: !cross, assets: Object.fromEntries(names.map(name => [name, path.join(assets, name)])),
}))
execFileSync(process.execPath, ['--experimental-sea-config', `${dist}/sea.json`], { stdio: ['ignore', 'ignore', 'inherit'] })
took('blob')

// Written beside and renamed: a running executable keeps its own file.
const fresh = `${out}.new`
fs.rmSync(fresh, { force: true })
const strip = cross ? 'aarch64-linux-gnu-strip' : 'strip'
try {
  execFileSync(strip, ['-o', fresh, `${nodeDir}/bin/node`], { stdio: ['ignore', 'ignore', 'pipe'] })
} catch (cause) {
  console.log(`not stripped (${cause.message.split('\n')[0]})`)
  fs.copyFileSync(`${nodeDir}/bin/node`, fresh)
}
fs.chmodSync(fresh, 0o755)
const { log, warn, error } = console
Object.assign(console, { log: () => {}, warn: () => {}, error: () => {} }) // postject prints harmless warnings about the string table
await inject(fresh, 'NODE_SEA_BLOB', fs.readFileSync(`${dist}/sea.blob`), { sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2' })
Object.assign(console, { log, warn, error })
fs.renameSync(fresh, out)
took('executable')
console.log(`${out}: ${(fs.statSync(out).size / 2 ** 20).toFixed(1)} MiB`)
