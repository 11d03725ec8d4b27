// The user interface: bundles ui/ and names the result by its content. The build number is a hex string, because
// CheckBuild and the redirect of App Services recognise it so (wire-protocols 5.8, 6.1).
import * as esbuild from 'esbuild'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** The plugin for the page of the PBX Manager: plain scripts for browsers of some years ago. Its texts file has two spellings (wire-protocols 7.1). */
const PLUGIN = {
  'innovaphone.devicesmanager.js': 'ui/plugin/plugin.ts', 'innovaphone.devicesmanager.css': 'ui/plugin/innovaphone.devicesmanager.css',
  'innovaphone.devicesmanagertexts.js': 'ui/plugin/texts-file.ts', 'innovaphone.devicesmanagerTexts.js': 'ui/plugin/texts-file.ts',
}

/** Files served as they are, beside the bundles. */
const STATIC_FOLDERS = ['ui/static', 'ui/fonts']

/** @returns {Promise<{ build: string, files: Map<string, Buffer> }>} files are named `ui/<name>` flattened as `ui_<name>` */
export async function bundleUi() {
  const files = new Map()
  let shared = []
  if (fs.existsSync('ui/main.tsx')) {
    const options = {
      outdir: 'out', bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', external: ['*.woff2'], legalComments: 'none',
    }
    // Pages that are loaded when first needed are a file of their own (splitting); what they share with the start is loaded with it.
    const pages = await esbuild.build({ ...options, entryPoints: ['ui/main.tsx', 'ui/app.css', 'ui/later.css'], splitting: true, metafile: true })
    // The hidden app is one file: it has nothing to load later.
    const hidden = fs.existsSync('ui/api-app.ts') ? await esbuild.build({ ...options, entryPoints: ['ui/api-app.ts'] }) : { outputFiles: [] }
    for (const file of [...pages.outputFiles, ...hidden.outputFiles]) files.set(`ui_${path.basename(file.path)}`, Buffer.from(file.contents))
    shared = pages.metafile.outputs['out/main.js'].imports.filter(one => one.kind === 'import-statement').map(one => path.basename(one.path))
  }
  for (const [name, entry] of Object.entries(PLUGIN)) {
    const { outputFiles: [file] } = await esbuild.build({ entryPoints: [entry], bundle: true, minify: true, write: false, outdir: 'out', format: 'iife', target: ['es2017', 'chrome80'], legalComments: 'none' })
    files.set(`ui_${name}`, Buffer.from(file.contents))
  }
  for (const folder of STATIC_FOLDERS) {
    if (!fs.existsSync(folder)) continue
    for (const name of fs.readdirSync(folder)) files.set(`ui_${name}`, fs.readFileSync(path.join(folder, name)))
  }
  // What is inside the executable, and its licences, can be read in the app.
  files.set('ui_NOTICE.txt', fs.readFileSync('NOTICE'))
  // The browser asks for the shared part at once, not after it has read main.js.
  const preload = shared.map(name => `<link rel="modulepreload" href="${name}">\n`).join('')
  for (const [name, data] of files) if (name.endsWith('.htm')) files.set(name, Buffer.from(data.toString().replace('<script type="module" src="main.js">', `${preload}$&`)))
  const hash = crypto.createHash('sha256')
  for (const [name, data] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) hash.update(name).update(data)
  return { build: hash.digest('hex').slice(0, 10), files }
}
