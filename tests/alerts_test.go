package tests

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/goccy/go-yaml"

	"decoded.digital/extractor/internal/testkit"
)

// rule is an alert rule of Prometheus.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations struct {
		Summary string `yaml:"summary"`
		Runbook string `yaml:"runbook"`
	} `yaml:"annotations"`
}

func alerts(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.UnmarshalWithOptions(shipped(t, "deployments/prometheus/alerts.yaml"), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 {
		t.Fatalf("got %d groups", len(file.Groups))
	}
	return file.Groups[0].Rules
}

func shipped(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testkit.Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// panel is a panel of a Grafana dashboard.
type panel struct {
	Title      string `json:"title"`
	Type       string `json:"type"`
	Datasource struct {
		UID string `json:"uid"`
	} `json:"datasource"`
	Targets []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
}

func panels(t *testing.T) []panel {
	t.Helper()
	var dashboard struct {
		Panels     []panel `json:"panels"`
		Templating struct {
			List []struct {
				Name  string `json:"name"`
				Type  string `json:"type"`
				Query string `json:"query"`
			} `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal(shipped(t, "deployments/grafana/extractor.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	if v := dashboard.Templating.List; len(v) != 1 || v[0].Name != "datasource" || v[0].Type != "datasource" || v[0].Query != "prometheus" {
		t.Errorf("the data source can't be chosen: %+v", v)
	}
	return dashboard.Panels
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	t.Parallel()
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(shipped(t, "docs/operations.md")), -1) {
		anchors = append(anchors, "docs/operations.md#"+strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	for _, r := range alerts(t) {
		if !slices.Contains([]string{"critical", "warning"}, r.Labels["severity"]) || strings.Count(r.Annotations.Summary, ". ") < 1 {
			t.Errorf("%s: severity %q, summary %q", r.Alert, r.Labels["severity"], r.Annotations.Summary)
		}
		if !slices.Contains(anchors, r.Annotations.Runbook) {
			t.Errorf("%s: there is no %s", r.Alert, r.Annotations.Runbook)
		}
		if !strings.Contains(string(shipped(t, "docs/operations.md")), r.Alert) {
			t.Errorf("%s does not stand in its runbook", r.Alert)
		}
	}
}

func TestEveryPanelTakesTheChosenDataSource(t *testing.T) {
	t.Parallel()
	for _, p := range panels(t) {
		if p.Type != "row" && (p.Datasource.UID != "${datasource}" || len(p.Targets) == 0) {
			t.Errorf("%s: data source %q, %d queries", p.Title, p.Datasource.UID, len(p.Targets))
		}
	}
}

// wantMeasured looks whether the product exposes each metric, with the labels,
// that dashboard and alerts ask for.
func wantMeasured(t *testing.T, address string) {
	t.Helper()
	queries := map[string]string{}
	for _, r := range alerts(t) {
		queries[r.Expr] = r.Alert
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			queries[strings.ReplaceAll(target.Expr, "$__rate_interval", "5m")] = p.Title
		}
	}
	for query, of := range queries {
		parsed, err := metricsql.Parse(query)
		if err != nil {
			t.Errorf("%s: %v", of, err)
			continue
		}
		metricsql.VisitAll(parsed, func(e metricsql.Expr) {
			if m, ok := e.(*metricsql.MetricExpr); ok {
				eventually(t, of+" can be measured", func() error { return exposes(t, address, m) })
			}
		})
	}
}

func exposes(t *testing.T, address string, asked *metricsql.MetricExpr) error {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	for _, filters := range asked.LabelFilterss {
		sample := `(?m)^` + filters[0].Value + `[{ ]` // the name comes first
		for _, f := range filters[1:] {
			if !regexp.MustCompile(sample + `.*\b` + f.Label + `="`).Match(text) {
				return errors.New(filters[0].Value + " has no label " + f.Label)
			}
		}
		if filters[0].Label != "__name__" || !regexp.MustCompile(sample).Match(text) {
			return errors.New(filters[0].Value + " is not exposed")
		}
	}
	return nil
}
