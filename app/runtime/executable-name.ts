/** The name of this program's file: log files are named after it (app-platform-local 1.2). */
import fs from 'node:fs'
import path from 'node:path'

const GONE = / \(deleted\)$/

/**
 * Base name of the running executable. The one in the package unpacks itself into a file without a name and starts that
 * (`manifest/packaging/launcher.c`); it gives its own path as argument zero.
 */
export function executableName(link: string = fs.readlinkSync('/proc/self/exe'), argument: string = process.argv0): string {
  return path.basename(GONE.test(link) ? argument : link)
}
