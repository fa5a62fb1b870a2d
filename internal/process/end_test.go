//go:build linux

package process

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// parent says that this process is the one that a test kills.
const parent = "EXTRACTOR_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parent) != "" {
		child := exec.Command("sh", "-c", "echo runs; read -r _; echo still runs")
		child.Stdin, child.Stdout = os.Stdin, os.Stdout
		EndWithParent(child, syscall.SIGKILL)
		_ = child.Run()
		return
	}
	os.Exit(m.Run())
}

func TestAChildEndsWithAParentThatIsKilled(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), parent+"=1")
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(output)
	if line, err := said.ReadString('\n'); line != "runs\n" {
		t.Fatal(line, err)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := command.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := input.Close(); err != nil { // a child that lived would go on
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(said); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}
