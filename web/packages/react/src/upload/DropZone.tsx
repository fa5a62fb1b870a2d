import { type DragEvent, useEffect, useRef, useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import styles from './upload.module.css'
import { accepted, folder } from './useUploads'

/** Takes files by drop, by choice, by paste and by camera. */
export function DropZone({ onFiles, compact }: { onFiles: (files: File[]) => void; compact: boolean }) {
  const { t } = useText()
  const picker = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  useEffect(() => {
    const paste = (e: ClipboardEvent) => {
      const files = [...(e.clipboardData?.files ?? [])]
      if (files.length && !e.defaultPrevented && !editable(e.target)) onFiles(files)
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [onFiles])
  const take = (input: HTMLInputElement) => {
    onFiles([...(input.files ?? [])])
    input.value = '' // the same file may be chosen again
  }
  const dragOver = (e: DragEvent) => {
    if (!e.dataTransfer.types.includes('Files')) return
    e.preventDefault()
    e.dataTransfer.dropEffect = 'copy'
    setOver(true)
  }
  const dragLeave = (e: DragEvent) => {
    if (!e.currentTarget.contains(e.relatedTarget as Node | null)) setOver(false) // not what is within the zone
  }
  const drop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    const files = [...e.dataTransfer.items].flatMap(fileOf)
    if (files.length) onFiles(files)
  }
  return (
    <div className={`${styles.drop} ${over ? styles.over : ''} ${compact ? styles.compact : ''}`} onDrop={drop}
      onDragOver={dragOver} onDragLeave={dragLeave}>
      <svg className={styles.icon} aria-hidden="true" width="36" height="36" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"><path d="M12 15V4m0 0L8 8m4-4 4 4M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4" /></svg>
      <p className={styles.how}>{t('uploadDrop')}</p>
      <div className={styles.buttons}>
        <Button variant="primary" onClick={() => picker.current?.click()}>{t('uploadPick')}</Button>
        <Button className={styles.camera} onClick={() => camera.current?.click()}>{t('uploadPhoto')}</Button>
      </div>
      <p className={styles.hint}>{t('uploadHint')}</p>
      <input ref={picker} type="file" hidden multiple accept={accepted.join()} aria-label={t('uploadPick')} onChange={(e) => take(e.currentTarget)} />
      <input ref={camera} type="file" hidden accept="image/*" capture="environment" aria-label={t('uploadPhoto')} onChange={(e) => take(e.currentTarget)} />
    </div>
  )
}

/** The file of what was dropped; a folder stands as an empty one of its type, for browsers give no content of it. */
function fileOf(item: DataTransferItem): File[] {
  const file = item.getAsFile()
  if (!file) return []
  return [item.webkitGetAsEntry()?.isDirectory ? new File([], file.name, { type: folder }) : file]
}

/** What is pasted into an input is the input's. */
function editable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea'))
}
