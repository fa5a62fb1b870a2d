import { type DragEvent, useEffect, useRef, useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import styles from './upload.module.css'

const accepted = 'application/pdf,image/jpeg,image/png,image/webp'

/** Takes files by drop, by choice, by paste and by camera. */
export function DropZone({ onFiles, compact }: { onFiles: (files: File[]) => void; compact: boolean }) {
  const { t } = useText()
  const picker = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  useEffect(() => {
    const paste = (e: ClipboardEvent) => {
      const files = [...(e.clipboardData?.files ?? [])]
      if (files.length) onFiles(files)
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [onFiles])
  const take = (input: HTMLInputElement) => {
    onFiles([...(input.files ?? [])])
    input.value = '' // the same file may be chosen again
  }
  const drop = (e: DragEvent) => {
    e.preventDefault()
    setOver(false)
    if (e.dataTransfer.files.length) onFiles([...e.dataTransfer.files])
  }
  return (
    <div className={`${styles.drop} ${over ? styles.over : ''} ${compact ? styles.compact : ''}`} onDrop={drop}
      onDragOver={(e) => { e.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)}>
      <svg className={styles.icon} aria-hidden="true" width="36" height="36" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round"><path d="M12 15V4m0 0L8 8m4-4 4 4M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4" /></svg>
      <p>{t('uploadDrop')}</p>
      <div className={styles.buttons}>
        <Button variant="primary" onClick={() => picker.current?.click()}>{t('uploadPick')}</Button>
        <Button className={styles.camera} onClick={() => camera.current?.click()}>{t('uploadPhoto')}</Button>
      </div>
      <p className={styles.hint}>{t('uploadHint')}</p>
      <input ref={picker} type="file" hidden multiple accept={accepted} aria-label={t('uploadPick')} onChange={(e) => take(e.currentTarget)} />
      <input ref={camera} type="file" hidden accept="image/*" capture="environment" aria-label={t('uploadPhoto')} onChange={(e) => take(e.currentTarget)} />
    </div>
  )
}
