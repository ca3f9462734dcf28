/* Has the fault that its argument names, for the test that the sanitizers' reports are found. */
#include <stdlib.h>
#include <string.h>

static void leak(void)
{
	for (int i = 0; i < 100; i++) {
		void *volatile lost = malloc(8);
		lost = NULL;
		(void)lost;
	}
}

static void overflow(void)
{
	char *volatile heap = malloc(8);
	heap[8] = 1;
	free(heap);
}

static void undefined(void)
{
	volatile int large = 0x7fffffff;
	large++;
}

int main(int argc, char **argv)
{
	const char *fault = argc > 1 ? argv[1] : "";
	if (strcmp(fault, "leak") == 0)
		leak();
	if (strcmp(fault, "overflow") == 0)
		overflow();
	if (strcmp(fault, "undefined") == 0)
		undefined();
	return 0;
}
