/**
 * Native addons and embedded files. In the single executable they come out of the embedded assets and never get a name on
 * disk: an unnamed file is filled and loaded through /proc/self/fd. From a checkout they come from dist/assets.
 */
import sea from 'node:sea'
import fs from 'node:fs'
import path from 'node:path'
import os from 'node:os'
import { UsageError } from '../errors.ts'

const O_TMPFILE = 0o20000000 | fs.constants.O_DIRECTORY
/** Descriptors of loaded addons. Kept open on purpose: the loader knows a library by its name, and a second addon under the same, reused /proc/self/fd/N would be taken for the first. */
const keptOpen: number[] = []

interface AddonModule { exports: unknown }

/** The loader's words where a folder does not allow executable files; anything else would be the same in the next folder. */
const FORBIDDEN = /failed to map segment|cannot enable executable|Operation not permitted|Permission denied/

/** Why the loader does not take an addon, for an operator. */
function refusal(name: string, cause: unknown): UsageError {
  const text = (cause instanceof Error ? cause.message : String(cause)).replace(/^\/\S+: /, '')
  const version = /version `([^']+)' not found/.exec(text)?.[1]
  const why = version === undefined ? text : `its C library is too old, ${version} is needed`
  return new UsageError('addon-refused', `the part ${name} cannot be loaded on this machine: ${why}`, { cause })
}

function loadFromMemory(name: string, data: Uint8Array): unknown {
  const addon: AddonModule = { exports: {} }
  const failures: string[] = []
  for (const dir of ['/dev/shm', process.env['XDG_RUNTIME_DIR'], os.tmpdir(), process.cwd()]) {
    if (!dir) continue
    let fd = -1
    try {
      fd = fs.openSync(dir, O_TMPFILE | fs.constants.O_RDWR, 0o700)
      for (let at = 0; at < data.length;) at += fs.writeSync(fd, data, at)
      process.dlopen(addon, `/proc/self/fd/${fd}`)
      keptOpen.push(fd)
      return addon.exports
    } catch (cause) {
      if (fd >= 0) fs.closeSync(fd)
      const text = cause instanceof Error ? cause.message : String(cause)
      if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_DLOPEN_FAILED' && !FORBIDDEN.test(text)) throw refusal(name, cause)
      failures.push(`${dir}: ${text}`)
    }
  }
  throw new UsageError('no-exec-directory', `cannot load ${name}: no directory allows it (all mounted noexec?). ${failures.join('; ')}`)
}

const assetFile = (name: string): string => path.join(process.env['DEVICES_ASSETS'] ?? path.join(import.meta.dirname ?? '.', '../../dist/assets'), name)

/** An embedded file, or undefined when there is none of that name. */
export function asset(name: string): Uint8Array | undefined {
  if (sea.isSea()) {
    try {
      return new Uint8Array(sea.getRawAsset(name) as ArrayBuffer)
    } catch {
      return undefined
    }
  }
  return fs.existsSync(assetFile(name)) ? fs.readFileSync(assetFile(name)) : undefined
}

/** A native addon; the caller knows its shape. Throws `UsageError` where the machine cannot load it, or no directory allows it. */
export function native(name: 'uws' | 'better_sqlite3'): unknown {
  const file = `${name}.node`
  if (!sea.isSea()) {
    const addon: AddonModule = { exports: {} }
    try {
      process.dlopen(addon, assetFile(file))
    } catch (cause) {
      throw refusal(name, cause)
    }
    return addon.exports
  }
  const data = asset(file)
  if (!data) throw new UsageError('incomplete-executable', `this executable was built without ${file}`)
  return loadFromMemory(name, data)
}
