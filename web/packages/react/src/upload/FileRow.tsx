import { ExtractorError } from '../api/error'
import { ended } from '../api/events'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { useErrorText } from '../ui/States'
import { StatusBadge } from '../ui/StatusBadge'
import styles from './upload.module.css'
import { accepted, type Upload } from './useUploads'

interface Props {
  upload: Upload
  shown: boolean
  onShow: () => void
  onRemove: () => void
  onRetry: () => void
}

/** A file: what was sent, then what becomes of it. */
export function FileRow({ upload, shown, onShow, onRemove, onRetry }: Props) {
  const { t, bytes } = useText()
  const errorText = useErrorText()
  const { file, error, refused, status } = upload
  const name = file.name
  const trouble = refused ? t(refused) : error ? (ofNoType(upload) ? t('uploadType') : errorText(error)) : ''
  return (
    <li className={`${styles.file} ${shown ? styles.shown : ''}`}>
      <span className={styles.name} title={name}><bdi>{name}</bdi></span>
      <span className={styles.size}>{bytes(file.size)}</span>
      <span className={styles.state} role="status">
        {trouble ? <span className={styles.trouble}>{trouble}</span> : status ? <StatusBadge status={status} /> : <progress aria-label={t('uploadProgress', { name })} value={upload.sent} max={1} />}
      </span>
      <span className={styles.actions}>
        {Boolean(error) && !(error instanceof ExtractorError && error.kind === 'refused') && <Button onClick={onRetry}>{t('retry')}</Button>}
        {status && ended(status) && <Button variant="quiet" aria-pressed={shown} aria-label={t('uploadShow', { name })} onClick={onShow}>{t('uploadResult')}</Button>}
        <Button variant="quiet" aria-label={t('uploadRemove', { name })} onClick={onRemove}>✕</Button>
      </span>
    </li>
  )
}

/** Whether the API refused a file that the browser, too, has for something else than what can be read. */
function ofNoType({ file, error }: Upload): boolean {
  return error instanceof ExtractorError && error.kind === 'refused' && !accepted.includes(file.type)
}
