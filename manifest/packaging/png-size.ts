/** Width and height in the head of a PNG file; `undefined` for another file. */
export function pngSize(file: Buffer): { width: number, height: number } | undefined {
  const isPng = file.length >= 24 && file.toString('latin1', 1, 4) === 'PNG' && file.toString('latin1', 12, 16) === 'IHDR'
  return isPng ? { width: file.readUInt32BE(16), height: file.readUInt32BE(20) } : undefined
}
