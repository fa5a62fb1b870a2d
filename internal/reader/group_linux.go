package reader

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor times in /proc (proc(5), sysconf(_SC_CLK_TCK)),
// the same on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// processorTime is what a process and those that it waited for have taken; none
// of one that has ended.
func processorTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the program's name may hold anything
	fields := strings.Fields(after)
	if len(fields) < 15 {
		return 0
	}
	total := 0
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0
		}
		total += n
	}
	return time.Duration(total) * tick
}
