/** Backup and restore of the whole instance: for those who administer it. */
import { fileDrop } from '../parts/file-drop.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatDateTime } from '../text/text.ts'
import { download, lastBackup, showDownload, startDownload, type Backup, type Download } from './download.ts'
import { RestoreDialog } from './restore-dialog.tsx'
import { looksLikeBackup } from './upload.ts'
import { formatBytes, w } from './words.ts'

export const BackupPanel = () => {
  const state = useCell(download)
  const online = useCell(connection().state).at === 'online'
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const [problem, setProblem] = useState<string>()
  const [over, setOver] = useState(false)
  const last = useLastBackup(online && state.at !== 'preparing')
  useEffect(showDownload, [])
  const take = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return
    const good = await looksLikeBackup(chosen)
    setProblem(good ? undefined : w('why.noBackup', chosen.name))
    if (good) setFile(chosen)
  }
  return (
    <section class={`panel readable${over ? ' over' : ''}`} aria-labelledby="backup-head" {...fileDrop(setOver, file => void take(file))}>
      <div class="panel-head"><h2 id="backup-head">{w('title')}</h2></div>
      <div class="panel-body stack">
        <p>{w('about')}</p>
        <p class="msg warn"><Icon name="warn" /><span>{w('secret')}</span></p>
        <div class="btns">
          <button type="button" class="btn" disabled={!online} aria-disabled={state.at === 'preparing'} onClick={() => void startDownload()}><Icon name={state.at === 'preparing' ? 'run' : 'download'} spin={state.at === 'preparing'} />{w('download')}</button>
          <input ref={input} class="sr" type="file" accept=".gz,.db,application/gzip,application/vnd.sqlite3" tabIndex={-1} aria-hidden="true" onChange={event => {
            void take(event.currentTarget.files?.[0])
            // The same file may be chosen again.
            event.currentTarget.value = ''
          }} />
          <button type="button" class="btn" disabled={!online} aria-describedby="backup-drop" onClick={() => input.current?.click()}><Icon name="upload" />{w('restore')}</button>
        </div>
        <DownloadState state={state} />
        {problem !== undefined && <p class="msg err anywhere" role="alert"><Icon name="err" /><span>{problem}</span></p>}
        <p class="dim"><span id="backup-drop">{w('drop')}</span>{last !== undefined && state.at !== 'begun' && <> {last ? w('last', formatDateTime(last.at), last.who, formatBytes(last.bytes)) : w('none')}</>}</p>
      </div>
      {file && <RestoreDialog file={file} onClose={() => setFile(undefined)} />}
    </section>
  )
}

/** Undefined until it is known; false: there is none. */
function useLastBackup(ask: boolean): Backup | false | undefined {
  const [last, setLast] = useState<Backup | false>()
  useEffect(() => {
    if (!ask) return
    let gone = false
    lastBackup().then(backup => { if (!gone) setLast(backup ?? false) }, () => undefined)
    return () => { gone = true }
  }, [ask])
  return last
}

const DownloadState = ({ state }: { state: Download }) => (
  <>
    <div role="status" class="quiet">
      {state.at === 'preparing' && state.slow && <p class="msg"><Icon name="wait" /><span>{w('preparing')}</span></p>}
      {state.at === 'begun' && <p class="msg ok"><Icon name="ok" /><span>{w('begun', formatBytes(state.backup.bytes))}</span></p>}
    </div>
    {state.at === 'failed' && <p class="msg err anywhere" role="alert"><Icon name="err" /><span>{state.why}</span></p>}
  </>
)
