"""JAX as all of Ermine uses it: 64-bit on, and compiled programs kept between processes.

Import it before `jax`. Networks ask for `float32` explicitly.
"""

import jax

from core.home import home

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_compilation_cache_dir", str(home() / "compiled"))
# Compiling takes 0.4 to 1.6 s a training loop; loading it again takes milliseconds.
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

# For programs that run once or a few times. Without XLA's newer emitters of fused loops they compile in
# two thirds of the time; a training loop is 10 to 20 % slower without them, and keeps them.
QUICK_TO_COMPILE = {"xla_cpu_use_fusion_emitters": False}
