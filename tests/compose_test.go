package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/testkit"
)

// composeSecrets are what the operator has to give.
func composeSecrets() []string {
	return []string{
		"EXTRACTOR_SETUP_KEY=a setup key of tests", "EXTRACTOR_ENCRYPTION_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"POSTGRES_PASSWORD=p", "AZURITE_KEY=YQ==",
	}
}

func loadCompose(t *testing.T, environment []string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(testkit.Root(t), "docker-compose.yml")}, cli.WithName("extractor"), cli.WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func TestComposeStartsEveryPart(t *testing.T) {
	t.Parallel()
	project, err := loadCompose(t, composeSecrets())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "worker", "migrate", "postgres", "temporal", "temporal-ui", "azurite"} {
		service, found := project.Services[name]
		if !found {
			t.Errorf("%s is missing", name)
			continue
		}
		if name != "migrate" && (service.HealthCheck == nil || len(service.HealthCheck.Test) == 0) {
			t.Errorf("%s has no health check", name)
		}
		if _, tag, pinned := strings.Cut(service.Image, ":"); !pinned || tag == "latest" {
			t.Errorf("%s: image %s is not pinned", name, service.Image)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s beyond this machine", name, port.Published)
			}
		}
	}
	for _, name := range []string{"api", "worker"} {
		if needs := project.Services[name].DependsOn["migrate"]; needs.Condition != types.ServiceConditionCompletedSuccessfully {
			t.Errorf("%s starts before the database is migrated", name)
		}
	}
}

func TestComposeNeedsEverySecretAndInventsNone(t *testing.T) {
	t.Parallel()
	secrets := composeSecrets()
	for i, missing := range secrets {
		name, _, _ := strings.Cut(missing, "=")
		if _, err := loadCompose(t, slices.Delete(slices.Clone(secrets), i, i+1)); err == nil || !strings.Contains(err.Error(), "openssl") {
			t.Errorf("without %s: got %v, want how to make one", name, err)
		}
	}
}

func TestComposesConfigurationIsValid(t *testing.T) {
	t.Parallel()
	project, err := loadCompose(t, composeSecrets())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "worker", "migrate"} {
		environment := project.Services[name].Environment.Resolve(func(string) (string, bool) { return "", false })
		if _, err := config.Load(func(name string) string {
			if value := environment[name]; value != nil {
				return *value
			}
			return ""
		}, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for variable := range environment {
			if !slices.ContainsFunc(config.Variables(), func(v config.Variable) bool { return v.Name == variable }) {
				t.Errorf("%s: %s is no variable of the product", name, variable)
			}
		}
	}
}

func TestTheImageReadsPicturesAndIsNotRoot(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(testkit.Root(t), "deployments/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stages := regexp.MustCompile(`(?m)^FROM `).Split(string(content), -1)
	if !strings.Contains(string(content), "CGO_ENABLED=1 go build") {
		t.Error("without cgo the program can't load what reads pictures")
	}
	user := regexp.MustCompile(`(?m)^USER (\d+)`).FindStringSubmatch(stages[len(stages)-1])
	if user == nil || user[1] == "0" {
		t.Error("the last stage runs as root")
	}
}

// TestTheImagesFilesAreNotIgnored: what the image's build copies is there, and
// reaches the builder.
func TestTheImagesFilesAreNotIgnored(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	content, err := os.ReadFile(filepath.Join(root, "deployments/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(ignored))
	for _, copied := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(string(content), -1) {
		for source := range strings.FieldsSeq(copied[1]) {
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Errorf("COPY %s: %v", source, err)
			}
			folder, _, _ := strings.Cut(source, "/")
			if (slices.Contains(lines, folder) || slices.Contains(lines, folder+"/*")) && !slices.Contains(lines, "!"+source) {
				t.Errorf("COPY %s: .dockerignore leaves it out", source)
			}
		}
	}
}

func TestTheDocumentationNamesEveryVariable(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs/configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`EXTRACTOR_[A-Z_]*[A-Z]`).FindAllString(string(content), -1)
	for _, v := range config.Variables() {
		if !slices.Contains(named, v.Name) {
			t.Errorf("%s is not documented", v.Name)
		}
	}
	for _, name := range named {
		if !slices.ContainsFunc(config.Variables(), func(v config.Variable) bool { return v.Name == name }) {
			t.Errorf("%s is documented and does not exist", name)
		}
	}
}
