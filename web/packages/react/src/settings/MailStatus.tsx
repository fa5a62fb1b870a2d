import type { Schemas } from '../api/types'
import { useText } from '../provider'
import page from '../forms/page.module.css'
import { Badge, type Tone } from '../ui/StatusBadge'
import type { MailState } from './useMail'

/** MailStatus says how an account or a folder is, and what to do. */
export function MailStatus({ status }: { status: Schemas['MailStatus'] }) {
  const { t } = useText()
  return (
    <p className={page.muted} dir="auto">
      <Badge tone={tone(status.state)}>{t(`mail.${status.state}`)}</Badge> {status.state !== 'ok' && status.advice}
    </p>
  )
}

function tone(state: MailState): Tone {
  switch (state) {
    case 'ok':
      return 'success'
    case 'pending':
    case 'catching_up':
      return 'busy'
    case 'throttled':
    case 'push_degraded':
    case 'delayed':
      return 'warning'
    default:
      return 'danger'
  }
}
