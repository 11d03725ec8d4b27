/** The compressed executable: the launcher, the executable in zstd frames, and a trailer by which the launcher finds them. */
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const MARK = 'DEVICES1'
const TRAILER = 16
/** Frames are unpacked at the same time, as far as there are processors. */
const PARTS = 4

/** Of zstd's levels the one where file and start are in balance: 19 makes the file 5 % smaller and the start a tenth longer (docs/packaging.md). */
export const BEST_LEVEL = 17

/** Without workers of zstd's own: with them Node's function ends before they do. */
export async function compressed(launcher: Buffer, executable: Buffer, level: number): Promise<Buffer> {
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = zlib.constants
  const size = Math.ceil(executable.length / PARTS)
  const frames = Buffer.concat(await Promise.all(Array.from({ length: PARTS }, (_, n) => executable.subarray(n * size, (n + 1) * size)).map(part => promisify(zlib.zstdCompress)(part, {
    params: { [ZSTD_c_compressionLevel]: level, [ZSTD_c_checksumFlag]: 1, [ZSTD_c_contentSizeFlag]: 1 }, pledgedSrcSize: part.length,
  }))))
  const trailer = Buffer.alloc(TRAILER)
  trailer.writeBigUInt64LE(BigInt(frames.length))
  trailer.write(MARK, 8)
  return Buffer.concat([launcher, frames, trailer])
}
