/** Builds the launcher (`manifest/packaging/launcher`) with the zstd decompressor; `manifest/packaging/provide` brings what that needs. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Machine } from './elf.ts'

const ZSTD = 'dist/zstd/lib'
const COMMON = ['entropy_common', 'error_private', 'fse_decompress', 'xxhash', 'zstd_common'].map(name => `${ZSTD}/common/${name}.c`)
const OWN = ['manifest/packaging/launcher/main.c', 'manifest/packaging/launcher/memory.c']

/** No C library, no position independence, nothing that is not called; a loop that copies memory must not become a call to itself. */
const OPTIONS = [
  '-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-ffunction-sections', '-fdata-sections', '-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fno-unwind-tables',
  '-fno-tree-loop-distribute-patterns', '-fno-pie', '-no-pie', '-static', '-nostdlib', '-nostartfiles', '-Wl,--gc-sections,--build-id=none,-z,noexecstack', '-s',
  '-DNDEBUG', '-DZSTD_LEGACY_SUPPORT=0', '-DZSTD_TRACE=0', '-I', ZSTD,
]
const COMPILERS: Readonly<Record<Machine, string>> = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' }

/** The launcher for a machine; built again when its sources are newer. */
export function launcher(machine: Machine): Buffer {
  const out = `dist/launcher/${machine}`
  const decompress = fs.readdirSync(`${ZSTD}/decompress`).filter(name => name.endsWith('.c') || (name.endsWith('_amd64.S') && machine === 'x64')).sort().map(name => `${ZSTD}/decompress/${name}`)
  const own = [...fs.readdirSync('manifest/packaging/launcher').map(name => `manifest/packaging/launcher/${name}`), 'manifest/packaging/launcher.ts']
  if (fs.existsSync(out) && own.every(file => fs.statSync(file).mtimeMs < fs.statSync(out).mtimeMs)) return fs.readFileSync(out)
  fs.mkdirSync(path.dirname(out), { recursive: true })
  execFileSync(machine === process.arch ? 'gcc' : COMPILERS[machine], [...OPTIONS, '-o', out, ...OWN, ...COMMON, ...decompress], { stdio: ['ignore', 'inherit', 'inherit'] })
  return fs.readFileSync(out)
}
