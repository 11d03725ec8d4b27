/** The tree of files that an App Store serves (wire-protocols 8.1), and what must be true of one. */
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { isStatic, machineOf, type Machine } from './elf.ts'
import { appsJson, MANIFEST } from './manifest.ts'
import { pngSize } from './png-size.ts'

/** Folder of each machine. */
export const ARCH_FOLDERS: Readonly<Record<Machine, string>> = { x64: 'x86_64', arm64: 'arm64' }
/** Edge of the icon in the store, pixels. */
const STORE_ICON = 110
/** An executable below this cannot hold the service. */
const LEAST = 20 * 2 ** 20

const { app: { id }, release: { build } } = MANIFEST
export const APP_ID = id
/** Files of each machine: the executable without extension, as in the trees of others, and the icon. */
const FILES = [id, `${id}.png`] as const

export interface TreeParts {
  /** Folder of the tree; what was there before is replaced. */
  readonly folder: string
  readonly executables: ReadonlyMap<Machine, Buffer>
  readonly icon: Buffer
}

export function writeStoreTree({ folder, executables, icon }: TreeParts): void {
  fs.rmSync(folder, { recursive: true, force: true })
  for (const [machine, executable] of executables) {
    const target = path.join(folder, build, ARCH_FOLDERS[machine], id)
    fs.mkdirSync(target, { recursive: true })
    fs.writeFileSync(path.join(target, id), executable, { mode: 0o755 })
    fs.writeFileSync(path.join(target, `${id}.png`), icon)
  }
  fs.writeFileSync(path.join(folder, build, `${id}_files`), FILES.join(','))
  fs.writeFileSync(path.join(folder, 'apps.json'), `${JSON.stringify(appsJson(MANIFEST), undefined, 2)}\n`)
}

const appsFile = z.object({ apps: z.array(z.object({
  id: z.string(), folder: z.string(), binary: z.string(), versions: z.array(z.object({ id: z.string(), build: z.string(), label: z.string() })).min(1), manufacturer: z.string(), title: z.string(),
})).min(1) })

/** Everything that is wrong with a tree; nothing is when it can be served. `machines`: those it must have. */
export function treeProblems(folder: string, machines: readonly Machine[]): string[] {
  const problems: string[] = []
  const read = (...names: string[]): Buffer | undefined => {
    const file = path.join(folder, ...names)
    if (fs.existsSync(file)) return fs.readFileSync(file)
    problems.push(`${path.join(...names)} is missing`)
    return undefined
  }
  const apps = appsFile.safeParse(JSON.parse(String(read('apps.json') ?? 'null')))
  if (!apps.success) return [...problems, `apps.json: ${apps.error.message}`]
  for (const { id: app, folder: inside, binary, versions } of apps.data.apps) {
    for (const { build: version } of versions) {
      const list = String(read(version, `${app}_files`) ?? '')
      if (!/^[\w.-]+(,[\w.-]+)*$/.test(list)) problems.push(`${version}/${app}_files is no list of names with commas`)
      if (!list.split(',').includes(binary)) problems.push(`${version}/${app}_files does not name ${binary}`)
      for (const machine of machines) {
        for (const name of list.split(',').filter(Boolean)) {
          const file = read(version, ARCH_FOLDERS[machine], inside, name)
          if (!file) continue
          const where = path.join(version, ARCH_FOLDERS[machine], inside, name)
          if (name === binary) problems.push(...executableProblems(file, machine, (fs.statSync(path.join(folder, where)).mode & 0o111) !== 0).map(text => `${where} ${text}`))
          else if (name.endsWith('.png')) problems.push(...iconProblems(file).map(text => `${where} ${text}`))
        }
        const extra = fs.existsSync(path.join(folder, version, ARCH_FOLDERS[machine], inside)) ? fs.readdirSync(path.join(folder, version, ARCH_FOLDERS[machine], inside)).filter(name => !list.split(',').includes(name)) : []
        for (const name of extra) problems.push(`${path.join(version, ARCH_FOLDERS[machine], inside, name)} is not in ${app}_files`)
      }
    }
  }
  return problems
}

function executableProblems(file: Buffer, machine: Machine, executable: boolean): string[] {
  const found = machineOf(file)
  return [
    ...(found === machine ? [] : [found === undefined ? 'is no ELF file' : `is for ${found}`]),
    ...(found !== undefined && file.length < LEAST ? [`is too small: ${file.length} bytes`] : []),
    ...(executable ? [] : ['may not be executed']),
  ]
}

function iconProblems(file: Buffer): string[] {
  const size = pngSize(file)
  return size?.width === STORE_ICON && size.height === STORE_ICON ? [] : [`is not a PNG of ${STORE_ICON} by ${STORE_ICON} pixels`]
}

/** How a tree's executables are described to whoever has just built it. */
export const describeExecutable = (file: Buffer): string => `${(file.length / 2 ** 20).toFixed(1)} MiB, ${isStatic(file) ? 'unpacks itself' : 'plain'}`
