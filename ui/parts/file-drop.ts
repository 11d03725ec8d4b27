/** A place where files may be dropped: handlers for its element. `over` is told while one is held above it; the first file counts. */
export const fileDrop = (over: (is: boolean) => void, take: (file: File) => void): { onDragOver(event: DragEvent): void, onDragLeave(): void, onDrop(event: DragEvent): void } => ({
  onDragOver: event => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    over(true)
  },
  onDragLeave: () => over(false),
  onDrop: event => {
    const [dropped] = event.dataTransfer?.files ?? []
    over(false)
    if (!dropped) return
    event.preventDefault()
    take(dropped)
  },
})
