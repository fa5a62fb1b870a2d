import type { Schemas } from '../api/types'
import { useText } from '../provider'
import { Badge } from '../ui/StatusBadge'
import styles from './view.module.css'

/** The sums that were tried, and whether they hold. */
export function Checks({ checks }: { checks: Schemas['Check'][] }) {
  const { t, number } = useText()
  return (
    <section className={styles.block} aria-label={t('checks')}>
      <h3>{t('checks')}</h3>
      <ul className={styles.checks}>
        {checks.map((check) => (
          <li key={check.rule}>
            <code>{check.rule}</code>
            <Badge tone={check.ok ? 'success' : 'danger'}>{check.ok ? t('checkOk') : t('checkFailed', { difference: number(check.difference) })}</Badge>
          </li>
        ))}
      </ul>
    </section>
  )
}
