/** A field for a list that is typed, pasted, dropped or taken from a file. */
import { fileDrop } from './file-drop.ts'
import { useRef, useState } from 'preact/hooks'
import { Icon } from './icons.tsx'

/** Larger files are no list of names. */
const LARGEST = 8 * 1024 * 1024

interface ListInputProps {
  readonly id: string
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly placeholder: string
  readonly fromFile: string
  readonly tooLarge: string
  readonly disabled?: boolean
  onInput(text: string): void
}

/** Exports of spreadsheets are UTF-8, UTF-16, or the old Windows table. */
async function readText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

export const ListInput = ({ id, label, hint, value, placeholder, fromFile, tooLarge, disabled, onInput }: ListInputProps) => {
  const file = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [problem, setProblem] = useState<string>()
  const take = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return
    if (chosen.size > LARGEST) return setProblem(tooLarge)
    setProblem(undefined)
    onInput(await readText(chosen))
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea class={`in list-input${over ? ' over' : ''}`} id={id} value={value} placeholder={placeholder} disabled={disabled} spellcheck={false} autocomplete="off" autocapitalize="off" aria-describedby={`${id}-about`}
        onInput={event => onInput(event.currentTarget.value)} {...fileDrop(setOver, file => void take(file))} />
      {problem === undefined ? <span class="hint" id={`${id}-about`}>{hint}</span> : <span class="msg err" id={`${id}-about`} role="alert"><Icon name="err" /><span>{problem}</span></span>}
      <div class="btns">
        <input ref={file} class="sr" type="file" accept=".csv,.txt,text/csv,text/plain" tabIndex={-1} aria-hidden="true" onChange={event => {
          void take(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }} />
        <button type="button" class="btn small" disabled={disabled} onClick={() => file.current?.click()}><Icon name="upload" />{fromFile}</button>
      </div>
    </div>
  )
}
