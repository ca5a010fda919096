/* Holds one thread of another process until this one ends: ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT. "If the tracer
   terminates, all tracees are automatically detached and restarted." */

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    pid_t thread = argc == 2 ? atoi(argv[1]) : 0;
    int status;
    if (thread == 0 || ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0)) {
        perror("not allowed");
        return 1;
    }
    if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status)) {
        perror("not held");
        return 2;
    }
    puts("held");
    fflush(stdout);
    for (;;) {
        pause();
    }
}
