import { Field } from '../ui/Field'

interface Props {
  label: string
  value: string
  options: { value: string; label: string }[]
  onChange: (value: string) => void
  error?: string | undefined
  /** Of options that are code. */
  dir?: 'ltr'
}

/** SelectField is the browser's own choice of one. */
export function SelectField({ label, value, options, onChange, error, dir }: Props) {
  return (
    <Field label={label} error={error}>
      <select dir={dir} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  )
}
