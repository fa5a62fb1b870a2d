import { failed } from '../api/events'
import type { Status } from '../api/types'
import { useText } from '../provider'
import styles from './StatusBadge.module.css'

export type Tone = 'neutral' | 'success' | 'danger' | 'warning' | 'busy'

/** A short state with a colour; the words alone say it too. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>
}

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useText()
  const tone = status === 'completed' ? 'success' : failed(status) ? 'danger' : 'busy'
  return <Badge tone={tone}>{t(`status.${status}`)}</Badge>
}
