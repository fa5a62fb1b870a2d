import { Field } from '../ui/Field'
import styles from './forms.module.css'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string | undefined
  error?: string | undefined
  type?: 'text' | 'search' | 'url' | 'date' | 'email'
  /** Several lines. */
  multiline?: boolean
  hideLabel?: boolean
  autoFocus?: boolean
}

/** TextField is an input for text, whose direction the text decides. */
export function TextField({ label, value, onChange, hint, error, type = 'text', multiline, hideLabel, autoFocus }: Props) {
  const shared = { value, dir: 'auto', autoFocus, autoComplete: 'off' }
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {multiline ? (
        <textarea rows={3} className={styles.area} {...shared} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input type={type} {...shared} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  )
}
